#!/bin/sh
# newsbot for the operator of the systemd service: `newsbot doctor`, `newsbot backup night.gz` …
#   install -m 755 docs/deploy/systemd/newsbot.sh /usr/local/sbin/newsbot
# It runs as the service's user, in its folder and with its settings and secrets, which no shell
# has. Where there is a process for each role, the folder is /var/lib/newsbot-ctl.
set -eu

unit=$(systemctl cat newsbot.service 2>/dev/null || systemctl cat newsbot@ctl.service)
taken='User|DynamicUser|StateDirectory|StateDirectoryMode|WorkingDirectory|UMask'
taken="$taken|Environment|EnvironmentFile|LoadCredential|LoadCredentialEncrypted"

for word; do # systemd would put variables in
    shift
    set -- "$@" "$(printf '%s' "$word" | sed 's/\$/$$/g')"
done
set -- /opt/newsbot/bin/newsbot "$@"
while read -r line; do # the last line first, as each is put before the others
    set -- "--property=$line" "$@"
done <<END
$(printf '%s\n' "$unit" | sed -nE "s/%i/ctl/g; /^($taken)=/p" | tac)
END
# The user that newsbot.service has: another would be given the folder, and the service lose it.
set -- --property=User=newsbot "$@"

if [ -t 0 ] && [ -t 1 ]; then how=--pty; else how=--pipe; fi
exec systemd-run "$how" --wait --collect --quiet "$@"

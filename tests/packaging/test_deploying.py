"""What newsbot is deployed by: held against the schemas and checkers of those who run it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot import __version__
from bot.settings.model import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs/deploy"
COMPOSE = ("compose.yaml", "docs/deploy/compose.cluster.yaml")
UNITS = ("newsbot.service", "newsbot@.service")
VARIABLES = {f"NEWSBOT_{s}_{key}".upper() for s, keys in SECTIONS.items() for key in keys}
OTHERS = {"NEWSBOT_CONFIG_DIR", "NEWSBOT_SECRETS_DIR"}


def run(*words: str | Path) -> str:
    """What a checker says; it must be content."""
    done = subprocess.run(list(words), capture_output=True, text=True, check=False, cwd=ROOT)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def read_all(path: Path) -> list[dict[str, Any]]:
    reader = YAML(typ="safe")
    reader.version = (1, 1)  # as Kubernetes reads them
    return [one for one in reader.load_all(path.read_text("utf-8")) if one]


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_files_are_as_their_specification_says(name: str) -> None:
    program = Path(sys.executable).with_name("check-jsonschema")

    run(program, "--builtin-schema", "vendor.compose-spec", ROOT / name)


@pytest.mark.parametrize("name", COMPOSE)
def test_containers_can_write_nothing_but_their_own(name: str) -> None:
    (content,) = read_all(ROOT / name)

    ours = {key: one for key, one in content["services"].items() if key != "postgres"}
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert int(service["stop_grace_period"].removesuffix("s")) > 10


def test_the_page_of_the_container_is_published_by_taking_comments_away(tmp_path: Path) -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    compose = tmp_path / "compose.yaml"
    bare = re.sub(r"# (ports:|  - \S+:8090)$", r"\1", text, flags=re.MULTILINE)
    compose.write_text(bare, "utf-8")
    program = Path(sys.executable).with_name("check-jsonschema")
    run(program, "--builtin-schema", "vendor.compose-spec", compose)

    (content,) = read_all(compose)
    (port,) = content["services"]["newsbot"]["ports"]
    host, _, inside = port.rpartition(":")
    page = (ROOT / "docs/status.md").read_text("utf-8")
    listens = re.search(r"NEWSBOT_STATUS_LISTEN=(\S+)", page)
    assert listens
    assert (host, listens[1]) == (f"127.0.0.1:{inside}", f"0.0.0.0:{inside}")


def test_the_cluster_starts_in_order_with_every_role_and_every_secret_there() -> None:
    (content,) = read_all(DEPLOY / "compose.cluster.yaml")
    services = content["services"]

    roles = set()
    for name, service in services.items():
        command = service.get("command", [])
        if "--role" in command:
            roles |= set(command[command.index("--role") + 1].split(","))
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services
            if how["condition"] == "service_healthy":
                assert "test" in services[needed]["healthcheck"]
        assert set(service.get("secrets", ())) <= content["secrets"].keys(), name
    assert roles == {"schedule", "poll", "deliver", "gateway", "web"}
    assert re.fullmatch(r"postgres:\d+-\w+", services["postgres"]["image"])


def test_secrets_are_named_like_their_variables() -> None:
    (compose,) = read_all(DEPLOY / "compose.cluster.yaml")
    units = "".join((DEPLOY / "systemd" / name).read_text("utf-8") for name in UNITS)
    config = (DEPLOY / "kubernetes" / "config.yaml").read_text("utf-8")

    named = {name for name in compose["secrets"] if name != "postgres_password"}
    named |= set(re.findall(r"LoadCredential=(\w+):", units))
    named |= set(re.findall(r"--from-file=(\w+)=", config))
    assert len(named) >= 5
    assert {name.upper() for name in named} <= VARIABLES


def test_every_variable_that_is_set_is_one_of_newsbot() -> None:
    files = [ROOT / "Dockerfile", *map(ROOT.joinpath, COMPOSE), *DEPLOY.rglob("*.*")]

    for path in files:
        named = set(re.findall(r"\bNEWSBOT_[A-Z][A-Z_]+[A-Z]\b", path.read_text("utf-8")))
        assert named <= VARIABLES | OTHERS, path.name


def test_the_image_bears_the_version_of_the_program() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")

    assert f"ARG VERSION={__version__}\n" in text
    named = [
        tag
        for path in (DEPLOY / "kubernetes").rglob("*.yaml")
        for tag in re.findall(r"image: newsbot:(\S+)", path.read_text("utf-8"))
    ]
    assert len(named) >= 7
    assert set(named) == {__version__}


@pytest.mark.skipif(
    not Path(sys.executable).with_name("hadolint").exists(), reason="no hadolint for this machine"
)
def test_the_dockerfile_is_in_order() -> None:
    run(Path(sys.executable).with_name("hadolint"), ROOT / "Dockerfile")


def test_kubernetes_would_take_the_manifests() -> None:
    program = Path(sys.executable).with_name("kubernetes-validate")

    run(program, "--strict", "--quiet", *sorted((DEPLOY / "kubernetes").rglob("*.yaml")))


def test_the_deployments_differ_in_their_role_and_in_nothing_else() -> None:
    documents = read_all(DEPLOY / "kubernetes" / "roles.yaml")
    deployments = [one for one in documents if one["kind"] == "Deployment"]
    budgets = {one["metadata"]["name"] for one in documents if one["kind"] != "Deployment"}

    seen = []
    for one in deployments:
        role = one["metadata"]["labels"]["app.kubernetes.io/component"]
        assert one["metadata"]["name"] == f"newsbot-{role}"
        spec = one["spec"]
        labels = spec["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"] == labels == one["metadata"]["labels"]
        container = spec["template"]["spec"]["containers"][0]
        assert container.pop("args") == ["run", "--role", role]
        assert (f"newsbot-{role}" in budgets) == (spec["replicas"] > 1)
        assert (spec["replicas"] > 1) == (role != "web")  # the day one of them dies
        seen.append(spec["template"]["spec"])
    assert len(seen) == 5
    assert all(one == seen[0] for one in seen)


def test_a_backup_runs_as_the_roles_do_on_a_volume_of_its_own() -> None:
    folder = DEPLOY / "kubernetes"
    role = read_all(folder / "roles.yaml")[0]["spec"]["template"]["spec"]
    volume, nightly = read_all(folder / "backup" / "nightly.yaml")
    (restoring,) = read_all(folder / "backup" / "restore.yaml")
    jobs = nightly["spec"]["jobTemplate"], restoring

    claim = {"claimName": volume["metadata"]["name"]}
    for job in jobs:
        spec = job["spec"]["template"]["spec"]
        (ours,), (theirs,) = spec["containers"], role["containers"]
        for key in ("securityContext", "automountServiceAccountToken", "enableServiceLinks"):
            assert spec[key] == role[key]
        for key in ("image", "envFrom", "securityContext", "resources"):
            assert ours[key] == theirs[key]
        mounted = {"name": "backups", "mountPath": "/backups"}
        assert ours["volumeMounts"] == [*theirs["volumeMounts"], mounted]
        kept = {"name": "backups", "persistentVolumeClaim": claim}
        assert spec["volumes"] == [*role["volumes"], kept]


def test_each_role_of_a_machine_may_be_told_something_of_its_own() -> None:
    text = (DEPLOY / "systemd" / "newsbot@.service").read_text("utf-8")

    files = re.findall(r"^EnvironmentFile=-(\S+)$", text, re.MULTILINE)
    assert files == ["/etc/newsbot/newsbot.env", "/etc/newsbot/%i.env"]  # the last one wins


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units_and_finds_them_locked_up(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / name).read_text("utf-8")
    unit = tmp_path / name.replace("@", "@poll")
    unit.write_text(text.replace("/opt/newsbot/bin/newsbot", sys.executable), "utf-8")

    assert run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit) == ""
    # 0 is a program without any right, 10 one with all; 2.0 is well within "OK".
    run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit)


@pytest.mark.skipif(shutil.which("tac") is None, reason="no Linux")
@pytest.mark.parametrize("name", UNITS)
def test_an_operator_has_the_folder_the_settings_and_the_secrets_of_the_service(
    name: str, tmp_path: Path
) -> None:
    unit = DEPLOY / "systemd" / name
    (tmp_path / "drop-in").write_text("[Service]\nLoadCredential=newsbot_discord_token:/etc/d\n")
    asked = f"newsbot{'@ctl' if '@' in name else ''}.service"
    systemctl = f'[ "$2" = {asked} ] && cat "{unit}" "{tmp_path}/drop-in"'
    for program, does in (("systemctl", systemctl), ("systemd-run", r'printf "%s\n" "$@"')):
        (tmp_path / program).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / program).chmod(0o755)

    done = subprocess.run(
        ["sh", DEPLOY / "systemd" / "newsbot.sh", "why", "It costs $5"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    said = done.stdout.splitlines()
    assert said[:4] == ["--pipe", "--wait", "--collect", "--quiet"]
    assert said[-3:] == ["/opt/newsbot/bin/newsbot", "why", "It costs $$5"]
    given = [one.removeprefix("--property=") for one in said[4:-3]]
    folder = "newsbot-ctl" if "@" in name else "newsbot"
    assert given[:2] == ["User=newsbot", "DynamicUser=yes"]
    assert f"StateDirectory={folder}" in given
    assert f"WorkingDirectory=/var/lib/{folder}" in given
    assert "EnvironmentFile=-/etc/newsbot/newsbot.env" in given
    assert given[-1] == "LoadCredential=newsbot_discord_token:/etc/d"
    assert not [one for one in given if one.startswith(("Exec", "Restart", "Protect"))]

"""What pages and feeds say to their readers, in the words of twelve languages.

Tables only; ``cleaning`` reads them. All phrases are in lower case and looked for at the
beginning of a sentence or paragraph, unless a table says otherwise. None may open news:
"for more information" is listed, "for more" is not.
"""

from __future__ import annotations


def _listed(phrases: str) -> tuple[str, ...]:
    """The phrases between the bars."""
    return tuple(" ".join(phrase.split()) for phrase in phrases.split("|") if phrase.strip())


DOORS = _listed(
    """
    read more | read full | read the full | read the rest | read the original | see more
    | learn more | continue reading | keep reading | click here | view full | view entire
    | view original | full story | leer más | seguir leyendo | sigue leyendo
    | continuar leyendo | continúa leyendo | leer la nota completa | ver más | haz clic
    | haga clic | pulsa aquí | weiterlesen | mehr lesen | mehr dazu | zum artikel
    | hier klicken | lire la suite | lire plus | en savoir plus | cliquez ici | leia mais
    | continue lendo | saiba mais | clique aqui | leggi tutto | continua a leggere
    | читать далее | читать полностью | подробнее | czytaj więcej | czytaj dalej | lees meer
    | 阅读全文 | 閱讀全文 | 阅读原文 | 閱讀原文 | 阅读更多 | 閱讀更多 | 继续阅读 | 繼續閱讀
    | 查看全文
    | 查看更多 | 查看原文 | 更多内容 | 點擊查看 | 点击查看 | 点击阅读 | 點擊閱讀 | 點我看 | 点此
    | 點此
    | 続きを読む | 続きはこちら | 続きを見る | 全文を読む | 記事全文 | もっと見る | もっと読む
    | 詳しくはこちら | 더 보기 | 더보기 | 전체 기사 | 기사 전문 보기
    """
)
"""Doors to the rest: often glued to the end of the last sentence, with no stop between."""

REQUESTS = _listed(
    """
    read also | read next | read our | also read | see also | what to read next | up next
    | follow us | follow our | follow me | like us on | join us | join our | share this
    | share on | share your thoughts | click to | tap here | tap to | scroll down | sign up
    | sign in | log in | subscribe | already a subscriber | watch the video | watch below
    | watch now | listen to this | listen now | download our | download the app | get the latest
    | get our | get all the | stay up to date | stay tuned | stay informed | don't miss
    | don’t miss | never miss | for more information | for more news | for more on
    | for more stories
    | to read more | view comments | leave a comment | comment below | let us know | tell us
    | what do you think | got a tip | got a story | have a tip | do you have a tip | send tips
    | contact us | contact the author | contact the reporter | contact our | reach him | reach her
    | reach them | reach me | reach us | reach the reporter | email the author | email us
    | e-mail us | you can follow | you can reach | thanks for reading | thank you for reading
    | support our | donate | print this | save this | tweet this | opens in new window
    | síguenos | suscríbete | suscribirse | suscríbase | únete | comparte | compartir | apúntate
    | regístrate | descarga nuestra | te puede interesar | te puede gustar | lee también
    | lea también | le puede interesar | ver también | más información en | recibe nuestro
    | recibe en tu correo | envíanos | escríbenos | cuéntanos | déjanos
    | folgen sie uns | folge uns | abonnieren sie | abonniere | jetzt abonnieren | newsletter
    | lesen sie auch | lesen sie mehr | mehr zum thema | auch interessant | teilen sie
    | melden sie sich | jetzt anmelden | registrieren sie sich
    | suivez-nous | abonnez-vous | inscrivez-vous | partagez | partager | à lire aussi
    | lire aussi | voir aussi | téléchargez notre | rejoignez
    | siga-nos | siga o | siga a gente | inscreva-se | assine | compartilhe | leia também
    | veja também | receba as | receba notícias | baixe o | participe do | clique e
    | seguici | iscriviti | abbonati | condividi | leggi anche | scarica l
    | подписывайтесь | подпишитесь | читайте также | читайте нас | поделиться | следите за
    | смотрите также | czytaj także | czytaj też | zobacz także | obserwuj nas | zapisz się
    | 关注我们 | 關注我們 | 关注本站 | 关注微信 | 关注公众号 | 欢迎关注 | 歡迎關注 | 请关注 | 扫码
    | 扫描
    | 掃描 | 长按识别 | 分享到 | 分享至 | 分享本文 | 点击 | 點擊 | 下载app | 下載app | 订阅 | 訂閱
    | 更多资讯 | 更多資訊 | 更多新闻 | 更多新聞 | 更多精彩 | 更多报道 | 更多報導 | 想看更多
    | 返回搜狐
    | 加入我们 | 投稿 | 爆料 | 延伸阅读 | 延伸閱讀 | 相关阅读 | 相關閱讀 | 推荐阅读 | 推薦閱讀
    | 猜你喜欢
    | フォローする | フォローして | シェアする | シェアして | ツイート | この記事を | 関連記事
    | 関連リンク
    | あわせて読みたい | 合わせて読みたい | こちらもおすすめ | メルマガ | メールマガジン
    | ニュースレター
    | 登録はこちら | 会員登録 | 無料登録 | ログイン | アプリをダウンロード | チャンネル登録
    | ご意見
    | 구독 | 좋아요 | 관련 기사 | 관련기사 | 기사 제보 | 제보는 | 카카오톡 | 네이버에서
    """
)
"""What a reader is asked to do."""

NOTICES = _listed(
    """
    copyright | © | ⓒ | (c) 19 | (c) 20 | all rights reserved | advertisement | sponsored
    | reporting by | writing by | editing by | additional reporting | with reporting
    | compiled by | with files from | with inputs from | photo by | photos by | image by
    | images by | photograph by | illustration by | graphic by | this article contains
    | this story contains | this post contains | this article may contain | this post may contain
    | this article was | this article is part | this article first | this article originally
    | this story was first | this story was originally | this story first | this story originally
    | this post was first | this post was originally | this post originally | we may earn
    | we may receive | we may get | we earn a commission | when you buy | if you buy something
    | if you purchase | purchases made | prices were correct | as an amazon associate
    | we use cookies | this site uses | this website uses | our site uses | by continuing
    | by using this | by clicking | by signing | accept all | accept cookies | cookie settings
    | please enable | enable javascript | javascript is | your browser | this content is
    | this video is | this is a developing story | this story is developing
    | this is a breaking news | check back for | you have reached | you've reached
    | subscriber-only | subscribers only | for subscribers | exclusive to subscribers
    | premium content | the views expressed | the opinions expressed | opinions expressed
    | not investment advice | min read | minutes read
    | todos los derechos | con información de | contenido exclusivo | contenido para suscriptores
    | exclusivo para suscriptores | solo para suscriptores | solo suscriptores | publicidad
    | utilizamos cookies | usamos cookies | esta web utiliza | este sitio | este artículo contiene
    | prohibida su reproducción | queda prohibida
    | alle rechte vorbehalten | anzeige | wir verwenden cookies | diese website | mit material von
    | nur für abonnenten | tous droits réservés | publicité | nous utilisons des cookies
    | avec afp | réservé aux abonnés | article réservé | todos os direitos | publicidade
    | usamos os cookies | utilizamos os cookies | este site | conteúdo exclusivo
    | com informações da
    | com informações do | tutti i diritti | pubblicità | riproduzione riservata | все права
    | реклама | мы используем | wszelkie prawa
    | 版权所有 | 版權所有 | 版权归 | 转载请 | 轉載請 | 未经授权 | 未經授權 | 未经许可 | 禁止转载
    | 本文来自 | 本文來自 | 本文转载 | 本文首发 | 本文为 | 本文係 | 广告 | 廣告 | 免责声明
    | 免責聲明
    | 声明 | 聲明 | 本站使用 | 本网站使用 | 本網站使用 | 会员专享 | 會員專享 | 付费 | 以上内容
    | 特别声明
    | 直播持续更新 | 風險提示 | 风险提示
    | 無断転載 | 無断複製 | 禁無断 | 本記事は | 当サイトは | 当サイトでは | 会員限定 | 有料会員
    | この続きは
    | 残り | 広告 | スポンサー | プレスリリース提供 | クッキー
    | 무단 | 저작권자 | 재판매 | 광고 | 본 기사는 | 이 기사는
    """
)
"""What a page says of itself: rights, cookies, money, pay walls, who else wrote."""

OFFERS = _listed(
    """
    your inbox | your email | your e-mail | your consent | your preferences | your subscription
    | change your settings | unsubscribe | cancel anytime | cancel any time | our newsletter
    | our daily newsletter | our weekly newsletter | our privacy policy | our terms of
    | cookies to
    | tu correo | su correo | tu bandeja | nuestro boletín | nuestra newsletter | cookies para
    | unseren newsletter | ihr postfach | notre newsletter | votre boîte | nossa newsletter
    | nostra newsletter | 公众号 | 公眾號 | 二维码 | メルマガ | 뉴스레터
    """
)
"""What gives a sentence away anywhere in it: letters and cookies for the reader."""

LABELS = _listed(
    """
    related | related stories | related articles | related coverage | more | watch | listen
    | video
    | photo | photos | image | images | picture | pictured | caption | illustration | gallery
    | credit | photo credit | image credit | image source | source | sources | via | tags | tag
    | topics | keywords | categories | category | filed under | posted in | read | see | also
    | editor's note | editor’s note | editors' note | correction | clarification | disclosure
    | disclaimer | note | note to readers | about the author | about the writer | author | authors
    | contact | contacts | media contact | media contacts | press contact | investor contact
    | article url | comments url | points | comments | share | recommended | next | previous
    | must read | trending | top stories | hashtags | listen to the podcast
    | foto | fotos | imagen | imágenes | fuente | fuentes | etiquetas | temas | lee | lea | vídeo
    | sobre el autor | sobre la autora | acerca del autor | nota del editor | nota de la redacción
    | aviso | relacionado | relacionadas | más | créditos | con información | contacto
    | bild | bilder | quelle | quellen | schlagwörter | themen | autor | autorin | über den autor
    | anmerkung der redaktion | hinweis | transparenzhinweis | kontakt | mehr
    | crédit | crédit photo | crédits | légende | étiquettes | mots-clés | à propos de l'auteur
    | note de la rédaction | fonte | fontes | imagem | legenda | marcadores | sobre o autor
    | nota da redação | crédito | fonti | immagine | фото | источник | источники | теги | автор
    | zdjęcie | źródło | tagi
    | 来源 | 來源 | 图源 | 圖源 | 图片来源 | 圖片來源 | 图 | 圖 | 图片 | 圖片 | 图说 | 圖說 | 图为
    | 摄影
    | 攝影 | 原标题 | 原標題 | 原文链接 | 原文連結 | 原文 | 责任编辑 | 責任編輯 | 责编 | 責編
    | 编辑 | 編輯
    | 编译 | 編譯 | 校对 | 校對 | 审核 | 作者 | 文 | 记者 | 記者 | 撰文 | 标签 | 標籤 | 关键词
    | 關鍵詞
    | 关键字 | 更正 | 编者按 | 編者按 | 編按 | 作者简介 | 作者簡介 | 联系方式 | 媒体联系
    | 相关新闻 | 相關新聞
    | 视频 | 影片 | 参考来源 | 延伸阅读 | 延伸閱讀 | 相关阅读 | 相關閱讀 | 推荐阅读
    | 写真 | 画像 | 出典 | 提供 | 取材・文 | 取材 | 執筆 | 著者 | 筆者 | 筆者紹介 | 編集 | 訂正
    | 関連
    | 関連記事 | タグ | キーワード | カテゴリ | カテゴリー | 情報元 | ソース | 引用元 | 注
    | お問い合わせ
    | 問い合わせ先 | 動画 | 文・写真 | 撮影 | 翻訳
    | 사진 | 출처 | 자료 | 태그 | 키워드 | 편집 | 글
    """
)
"""What stands before a colon where the whole paragraph is no news."""

SECTIONS = _listed(
    """
    about | media contact | press contact | investor contact | contact | contacts | media contacts
    | related | recommended | more from | more stories | more news | read next | trending
    | most read | most popular | latest stories | top stories | you may also like
    | you might also like
    | up next | comments | forward-looking | safe harbor | cautionary | sources
    | sobre | acerca de | contacto | relacionad | más leídas | más noticias | te puede interesar
    | über | pressekontakt | kontakt | das könnte | à propos | contact presse | sobre a
    | leia também
    | 关于 | 關於 | 相关 | 相關 | 延伸 | 推荐 | 推薦 | 猜你喜欢 | 热门 | 熱門
    | 関連 | あわせて | 会社概要 | おすすめ | ランキング | お問い合わせ | 本件に関する
    | 관련 | 인기
    """
)
"""Headings, without a stop, after which no news comes."""

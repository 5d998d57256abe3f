import NotificationChannels
import Observability
import Testing

/// NOT-1: mails are readable for readers of HTML, and what a client is called is never markup.
@Suite struct `A mail in HTML` {
    @Test func `has the paragraphs, the lines and the links of its text`() {
        let page = MailHTML.page("Bonjour,\n\nligne 1\nligne 2\n\nVoir https://pay.example/p/x?a=1&b=2 .")
        #expect(
            page == """
                <!DOCTYPE html>
                <html><body>
                <p>Bonjour,</p>
                <p>ligne 1<br>
                ligne 2</p>
                <p>Voir <a href="https://pay.example/p/x?a=1&amp;b=2">https://pay.example/p/x?a=1&amp;b=2</a> .</p>
                </body></html>

                """)
    }

    @Test func `INV-5: ends with a button that pays, whose address and label are never markup`() {
        let button = PayButton(label: "Payer <ici>", address: Secret("https://pay.example/p/x?a=1&b=\"2"))
        let page = MailHTML.page("Bonjour,", button)
        #expect(page.contains("<p>Bonjour,</p>\n<p><a href=\"https://pay.example/p/x?a=1&amp;b=&quot;2\" style=\""))
        #expect(page.hasSuffix("\">Payer &lt;ici&gt;</a></p>\n</body></html>\n"))
    }

    @Test func `never takes a text for markup`() {
        let page = MailHTML.page("<script>\"&\" https://x\"onclick=\"y l'eau")
        #expect(page.contains("<p>&lt;script&gt;&quot;&amp;&quot; <a href=\"https://x&quot;onclick=&quot;y\">"))
        #expect(page.hasSuffix("</a> l&#39;eau</p>\n</body></html>\n"), "nor in the quotes of a gateway's XML")
    }

    @Test func `never takes a sign for another one since an accent stands behind it`() {
        let page = MailHTML.page("https://x\"\u{301}/onclick=y &\u{301} <\u{301}b")
        let link = "https://x&quot;\u{301}/onclick=y"
        #expect(page.contains("<p><a href=\"\(link)\">\(link)</a> &amp;\u{301} &lt;\u{301}b</p>"))
    }
}

import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// PAY-5, GEN-5: what a client's phone shows behind the link, in the client's language.
@Suite struct `The page of a link` {
    /// What it says in a language, by how the payment stands.
    struct Words: Sendable, CustomTestStringConvertible {
        let language: String
        let title: String
        let amount: String
        let today: String
        let open: String
        let button: String
        let warning: String
        let cancelled: String
        let used: String
        let expired: String
        let back: String
        let lost: String
        /// The link's end in the clinic's zone.
        let valid = "23:59"

        var testDescription: String { language }

        static let all = [
            Words(
                language: "fr", title: "Soins vétérinaires\u{A0}:", amount: "200,00\u{202F}€",
                today: "Aujourd'hui <strong>66,68\u{202F}€</strong>",
                open: "En attente de votre paiement.", button: "Continuer avec Alma",
                warning: "Un crédit coûte de l'argent et doit être remboursé",
                cancelled: "Cette demande de paiement a été annulée.", used: "Merci, votre paiement est accepté.",
                expired: "Ce lien n'est plus valable. Demandez-en un nouveau à votre clinique.",
                back: "Si vous venez de payer, patientez un instant", lost: "n'a pas répondu et rien n'a été débité"),
            Words(
                language: "en", title: "Veterinary care:", amount: "€200.00", today: "Today <strong>€66.68</strong>",
                open: "Waiting for your payment.", button: "Continue with Alma",
                warning: "Borrowing money costs money and must be repaid",
                cancelled: "This payment request was cancelled.", used: "Thank you, your payment was accepted.",
                expired: "This link is no longer valid. Ask your clinic for a new one.",
                back: "If you have just paid, wait a moment", lost: "did not answer and nothing was charged"),
        ]
    }

    private func request(_ bench: PaymentBench, _ words: Words) async throws -> (id: PaymentID, token: String) {
        let draft = bench.draft().replacing(
            #""country":"FR""#, with: #""country":"FR","language":"\#(words.language)""#)
        let answer = try await bench.call(.post, "/v1/payments", draft, key: "page-\(PaymentBench.anyKey())")
        let id = try #require(answer.json["payment"]?["id"]?.text.flatMap { PaymentID($0) }, "\(answer.text)")
        return (id, String(answer.json["payLink"]?.text?.split(separator: "/").last ?? ""))
    }

    private func page(_ bench: PaymentBench, _ token: String) async throws -> String {
        let answer = try await bench.http.call(.get, "/p/\(token)")
        #expect(answer.status == 200 && answer.headers["Content-Type"]?.hasPrefix("text/html") == true)
        return answer.text
    }

    @Test(arguments: Words.all)
    func `says what is paid, to whom, how much today and later, for a phone and without script`(
        _ words: Words
    ) async throws {
        let bench = try await PaymentBench.start()
        // 48 hours before one minute to midnight in Paris.
        try await bench.stand(at: "2027-01-12T22:59:00Z")
        let payment = try await request(bench, words)
        let page = try await page(bench, payment.token)
        for text in [
            "<html lang=\"\(words.language)\">", "Clinique des Lilas", words.title, words.amount, words.today,
            words.open, words.button, words.warning, words.valid, "width=device-width",
        ] { #expect(page.contains(text), "\(text) is not in \(page)") }
        for text in ["<script", "javascript:", " onclick", "http://", "https://"] { #expect(!page.contains(text)) }
        let summary = try await bench.sandbox.control(.get, "/summary")
        #expect(summary["calls"]["alma.create-payment"].int == nil, "the provider is asked when the client goes on")
    }

    @Test func `shows signs of markup in a title as they are, also where an accent stands behind them`() async throws {
        let bench = try await PaymentBench.start()
        let title = #"Rex 'o' <i>\"&\" \"\u0301<\u0301b onclick=x>\u0301&\u0301"#
        let payment = try await bench.request(more: #""title":"\#(title)","#)
        let page = try await page(bench, payment.token)
        let shown =
            "Rex &#39;o&#39; &lt;i&gt;&quot;&amp;&quot; "
            + "&quot;\u{301}&lt;\u{301}b onclick=x&gt;\u{301}&amp;\u{301}"
        #expect(page.contains("<p>\(shown)\u{A0}: <strong>"), "\(page)")
    }

    @Test(arguments: Words.all)
    func `of a link that was cancelled, used or is too old says so kindly, and offers no button`(
        _ words: Words
    ) async throws {
        let bench = try await PaymentBench.start()
        let (cancelled, used, old) = (
            try await request(bench, words), try await request(bench, words), try await request(bench, words)
        )
        _ = try await bench.call(.post, "/v1/payments/\(cancelled.id)/cancel")
        let reference = try #require(try await bench.open(used.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        bench.clock.move(.seconds(49 * 3_600))
        try await bench.askAboutDue()
        for (payment, expected) in [(cancelled, words.cancelled), (used, words.used), (old, words.expired)] {
            let page = try await page(bench, payment.token)
            #expect(page.contains(expected) && !page.contains("<form"), "\(page)")
            #expect(try await bench.open(payment.token) == nil, "and opens nothing")
        }
    }

    @Test(arguments: Words.all)
    func `tells who is back before the yes to look again, and who was lost that nothing was charged`(
        _ words: Words
    ) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await request(bench, words)
        try await bench.fault(#"{"kind":"rate-limit","operation":"alma.create-payment","times":3}"#)
        #expect(try await bench.open(payment.token) == nil)
        let lost = try await page(bench, payment.token)
        #expect(lost.contains(words.lost) && lost.contains(words.button), "\(lost)")
        let reference = try #require(try await bench.open(payment.token))
        let back = try await bench.http.call(.get, "/p/\(payment.token)/return").text
        #expect(back.contains(words.back) && back.contains("<a href=\"?\">"), "\(back)")
        #expect(back.contains(words.button), "who did not pay goes on")
        #expect(try await !page(bench, payment.token).contains(words.back), "the link itself is no way back")
        try await bench.act("accept", on: reference)
        bench.clock.move(.seconds(2))
        let paid = try await bench.http.call(.get, "/p/\(payment.token)/return").text
        #expect(paid.contains(words.used) && !paid.contains("<form") && !paid.contains("<a "), "\(paid)")
        #expect(!paid.contains(words.today.prefix(5)), "what is paid today is no question any more: \(paid)")
    }

    @Test func `whose time is over says so before the job has ended it, and one with a code where to look again`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let old = try await bench.request()
        let coded = try await bench.request(channel: "browser", more: #""confirmation":"code","#)
        let opened = try await bench.request()
        #expect(try await bench.open(opened.token) != nil)
        let waiting = try await page(bench, coded.token)
        #expect(waiting.contains("<a href=\"?\">") && !waiting.contains("<form"), "\(waiting)")
        bench.clock.move(.seconds(48 * 3_600))
        let over = try await page(bench, old.token)
        #expect(over.contains("Ce lien n'est plus valable") && !over.contains("<form"), "\(over)")
        #expect(!over.contains("valable jusqu'au") && !over.contains("Un crédit"), "\(over)")
        // Whether it was paid at the last moment, the provider alone knows.
        let asked = try await page(bench, opened.token)
        #expect(asked.contains("nous interrogeons l'organisme") && asked.contains("<a href=\"?\">"), "\(asked)")
        #expect(!asked.contains("valable jusqu'au") && !asked.contains("<form"), "\(asked)")
    }

    @Test(arguments: ProviderStory.all)
    func `has no button once the client has agreed at the provider, who has not taken the money yet`(
        _ story: ProviderStory
    ) async throws {
        let bench = try await story.connected().bench
        let payment = try await story.request(bench)
        let reference = try #require(try await story.open(payment.token, bench))
        #expect(try await page(bench, payment.token).contains("<form"))
        try await story.act("accept-slowly", on: reference, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "open")
        for path in ["", "/return"] {
            let page = try await bench.http.call(.get, "/p/\(payment.token)\(path)").text
            #expect(page.contains("nous interrogeons l'organisme") && page.contains("<a href=\"?\">"), "\(page)")
            #expect(!page.contains("<form"), "\(page)")
        }
        #expect(try await story.open(payment.token, bench) == nil, "a press from before leads back to the page")
        try await story.act("settle", on: reference, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
    }

    @Test(arguments: ProviderStory.all)
    func `whose provider's page is too old asks the provider first, and opens another where that one is gone`(
        _ story: ProviderStory
    ) async throws {
        let bench = try await story.connected().bench
        let payment = try await story.request(bench)
        let first = try #require(try await story.open(payment.token, bench))
        let (read, hours) = Self.oldPage(of: story)
        let before = try await bench.calls(read)
        #expect(try await story.open(payment.token, bench) == first)
        #expect(try await bench.calls(read) == before, "a young page is gone to at once")
        bench.clock.move(.seconds(hours * 3_600))
        try await bench.sandbox.control(.post, "/clock", #"{"offsetSeconds":\#(hours * 3_600)}"#)
        try await bench.fault(#"{"kind":"drop","operation":"\#(read)","times":0}"#)
        #expect(try await story.open(payment.token, bench) == nil, "nobody knows whether it is there")
        try await bench.sandbox.control(.delete, "/faults")
        bench.clock.move(.seconds(2))
        let second = try #require(try await story.open(payment.token, bench))
        #expect(second != first)
        try await story.act("accept", on: second, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
    }

    @Test(arguments: ProviderStory.all)
    func `whose provider's page is too old and still there leads on however soon one presses again, PAY-5`(
        _ story: ProviderStory
    ) async throws {
        let (bench, token, first, read) = try await pressedLongAgo(story)
        let before = try await bench.calls(read)
        try await bench.fault(#"{"kind":"slow","operation":"\#(read)","milliseconds":500,"times":0}"#)
        // At once, as by a double click, and a moment later.
        async let other = story.open(token, bench)
        #expect(try await story.open(token, bench) == first)
        #expect(try await other == first)
        #expect(try await story.open(token, bench) == first)
        #expect(try await bench.calls(read) == before + 1, "one question answers them all")
    }

    @Test func `whose provider was silent a moment ago leads to our page, which says how things stand, PAY-5`()
        async throws
    {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, token, first, read) = try await pressedLongAgo(story)
        try await bench.fault(#"{"kind":"drop","operation":"\#(read)","times":0}"#)
        #expect(try await story.open(token, bench) == nil)
        try await bench.sandbox.control(.delete, "/faults")
        let before = try await bench.calls(read)
        #expect(try await story.open(token, bench) == nil, "nobody knows whether it is there")
        #expect(try await bench.http.call(.get, "/p/\(token)/return").status == 200)
        #expect(try await bench.calls(read) == before)
        bench.clock.move(.seconds(61))
        #expect(try await story.open(token, bench) == first)
    }

    @Test(arguments: ProviderStory.all)
    func `whose client came back while the provider was silent leads to our page for as long, PAY-5`(
        _ story: ProviderStory
    ) async throws {
        let (bench, token, first, read) = try await pressedLongAgo(story)
        let before = try await bench.calls(read)
        try await bench.fault(#"{"kind":"slow","operation":"\#(read)","milliseconds":500,"times":0}"#)
        try await bench.fault(#"{"kind":"drop","operation":"\#(read)","times":0}"#)
        // One presses while the way back still waits for the answer, and once more when it has waited in vain.
        async let back = bench.http.call(.get, "/p/\(token)/return")
        try await waitUntil("the way back has asked") { try await bench.calls(read) > before }
        #expect(try await story.open(token, bench) == nil, "nobody knows whether it is there")
        #expect(try await back.status == 200)
        try await bench.sandbox.control(.delete, "/faults")
        let asked = try await bench.calls(read)
        #expect(try await story.open(token, bench) == nil, "nobody knows more than a moment ago")
        #expect(try await bench.calls(read) == asked, "and the provider is not asked again so soon")
        bench.clock.move(.seconds(61))
        #expect(try await story.open(token, bench) == first)
    }

    /// A link pressed so long ago that the page it led to is too old, on a bench that asks once a minute; with the call
    /// that reads that page back.
    private func pressedLongAgo(
        _ story: ProviderStory
    ) async throws -> (bench: PaymentBench, token: String, page: String, read: String) {
        let bench = try await story.connected(["QUITTANCE_LINK_PAUSE": "60s"]).bench
        let payment = try await story.request(bench)
        let page = try #require(try await story.open(payment.token, bench))
        let (read, hours) = Self.oldPage(of: story)
        bench.clock.move(.seconds(hours * 3_600))
        return (bench, payment.token, page, read)
    }

    /// The call that reads a provider's page back, and after how many hours such a page is too old.
    private static func oldPage(of story: ProviderStory) -> (read: String, hours: Int) {
        story.provider == .stripe ? ("stripe.get-session", 25) : ("paypal.get-order", 7)
    }

    @Test func `of a sum paid at once by card has no schedule, and large sums are grouped`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let bench = try await story.connected().bench
        let draft = bench.draft(123_456, plan: "1x", more: #""provider":"stripe","#)
        let answer = try await bench.call(.post, "/v1/payments", draft, key: "card")
        let token = String(answer.json["payLink"]?.text?.split(separator: "/").last ?? "")
        let page = try await page(bench, token)
        #expect(page.contains("1\u{202F}234,56\u{202F}€") && page.contains("par carte bancaire (Stripe)"), "\(page)")
        #expect(!page.contains("<table") && !page.contains("Un crédit"), "\(page)")
    }
}

extension PaymentBench {
    fileprivate static func anyKey() -> UInt64 { UInt64.random(in: 0...UInt64.max) }
}

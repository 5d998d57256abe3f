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
        let amount: String
        let today: String
        let open: String
        let button: String
        let warning: String
        let cancelled: String
        let used: String
        let expired: String

        var testDescription: String { language }

        static let all = [
            Words(
                language: "fr", amount: "200,00\u{A0}€", today: "Aujourd'hui <strong>66,68\u{A0}€</strong>",
                open: "En attente de votre paiement.", button: "Continuer avec Alma",
                warning: "Un crédit coûte de l'argent et doit être remboursé",
                cancelled: "Cette demande de paiement a été annulée.", used: "Merci, votre paiement est accepté.",
                expired: "Ce lien n'est plus valable. Demandez-en un nouveau à votre clinique."),
            Words(
                language: "en", amount: "€200.00", today: "Today <strong>€66.68</strong>",
                open: "Waiting for your payment.", button: "Continue with Alma",
                warning: "Borrowing money costs money and must be repaid",
                cancelled: "This payment request was cancelled.", used: "Thank you, your payment was accepted.",
                expired: "This link is no longer valid. Ask your clinic for a new one."),
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
        let payment = try await request(bench, words)
        let page = try await page(bench, payment.token)
        for text in [
            "<html lang=\"\(words.language)\">", "Clinique des Lilas", "Soins vétérinaires", words.amount, words.today,
            words.open, words.button, words.warning, "width=device-width",
        ] { #expect(page.contains(text), "\(text) is not in \(page)") }
        for text in ["<script", "javascript:", " onclick", "http://", "https://"] { #expect(!page.contains(text)) }
        let summary = try await bench.sandbox.control(.get, "/summary")
        #expect(summary["calls"]["alma.create-payment"].int == nil, "the provider is asked when the client goes on")
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
}

extension PaymentBench {
    fileprivate static func anyKey() -> UInt64 { UInt64.random(in: 0...UInt64.max) }
}

import HTTPServer
import PaymentModel
import TestSupport
import Testing

/// INV-8: the books are in euros.
@Suite struct `Debts in other currencies` {
    @Test func `INV-8: what is not in euros is refused, since the books would not sum it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let id = try await chain.receivable(4_000, for: client)
        let terms = #""label":"Croquettes","amount":{"minorUnits":3500,"currency":"USD"},"dueOn":"2026-12-31""#
        let whose = #""clientID":"\#(client)","clinicID":"\#(chain.clinic)","recordedOn":"2026-11-20""#
        let answers = try await [
            chain.call(.post, "/v1/receivables", "{\(whose),\(terms)}"),
            chain.call(.put, "/v1/receivables/\(id)", "{\(terms)}", headers: Chain.seen()),
        ]
        for answer in answers {
            #expect(answer.status == 422 && answer.problem == "currency-mismatch", "\(answer.text)")
            let error = answer.json["errors"]?.elements?.first
            #expect(error?["pointer"]?.text == "/amount" && error?["remedy"]?.text == "Give the amount in EUR.")
        }
        #expect(try await chain.total("due") == 4_000)
    }
}

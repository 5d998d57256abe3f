import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What is kept to answer a repeated request` {
    @Test func `GEN-7: holds nobody's name, number or address, nor a link`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        _ = try await bench.call(
            .post, "/v1/payments/\(payment)/refunds", #"{"amount":{"minorUnits":100,"currency":"EUR"}}"#, key: "some")
        let other = try await bench.request()
        _ = try await bench.call(.post, "/v1/payments/\(other.id)/cancel")
        let kept = try await bench.database.read(organisation: nil) { transaction in
            try transaction.query("SELECT coalesce(answer, '') AS answer FROM cause WHERE fingerprint IS NOT NULL") {
                row in try row("answer") as String
            }
        }
        #expect(kept.count >= 4)
        for personal in ["Ada", "Martin", "33612345678", "ada@", "Lyon", "/p/", other.token] {
            #expect(!kept.contains { $0.contains(personal) }, "\(personal) in \(kept)")
        }
    }
}

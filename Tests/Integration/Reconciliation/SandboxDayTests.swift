import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

extension `The books` {
    /// A day of the simulated provider and bank: their own files, not ours.
    @Suite struct `A day with the provider and the bank` {
        private struct Day {
            let books: Books
            let merchant: Merchant
            let closed: SandboxJSON
            let sum: Int64

            var payout: String { closed["payouts"][0]["id"].string }

            func report() async throws -> String {
                try await merchant.sandbox.call(.get, "/control/bank/settlements/\(payout)").text
            }

            func statement(_ day: SandboxJSON? = nil, version: String = "08") async throws -> String {
                let id = (day ?? closed)["statements"][0]["id"].string
                return try await merchant.sandbox.call(.get, "/control/bank/statements/\(id)?version=\(version)").text
            }
        }

        private func day(_ more: String = "") async throws -> Day {
            let (books, merchant) = (try Books(), try await Merchant.start(["--seed", "11"]))
            #expect(try await books.put("/v1/bank-accounts/\(Merchant.iban)", #"{"currency":"EUR"}"#).status == 200)
            var payments: [PaymentFacts] = []
            for (amount, number) in [(12_990, "F2026-0001"), (45_001, "F2026-0002")] {
                let id = try await merchant.acceptedPayment(amount, reference: number)
                var payment = PaymentFacts(id, Int64(amount))
                // The provider's fee on three instalments, rounded at each step.
                payment.fee = (Int64(amount) * 360 + 5_000) / 10_000
                payment.vat = (payment.fee * 2_000 + 5_000) / 10_000
                payments.append(payment)
                try await books.tell(payment)
            }
            let refunded = try await merchant.call(
                .post, "/v1/payments/\(payments[0].reference)/refunds", #"{"amount":2000}"#)
            #expect(refunded.status == 200)
            try await books.tell(RefundFacts(payment: payments[0], amount: 2_000))
            let closed = try await merchant.sandbox.control(
                .post, "/bank/close-day", "{\"date\":\"2026-11-28\",\"unrelated\":6\(more)}")
            return Day(
                books: books, merchant: merchant, closed: closed, sum: payments.reduce(-2_000) { $0 + $1.net })
        }

        @Test(arguments: ["02", "08"], [true, false])
        func `REC-3 REC-4 REC-5 ends with the clearing account empty, whichever file comes first`(
            version: String, isReportFirst: Bool
        ) async throws {
            let day = try await day(#","pending":true"#)
            let (report, statement) = (try await day.report(), try await day.statement(version: version))
            for _ in 0..<2 {
                if isReportFirst { #expect(try await day.books.importReport(report).status == 201) }
                #expect(try await day.books.importStatement(statement).status == 201)
                if !isReportFirst { #expect(try await day.books.importReport(report).status == 201) }
            }
            let balances = try await day.books.balances()
            #expect(balances["511500"] == nil && balances["471000"] == nil && balances["512000"] == day.sum)
            let explained = try await day.books.explanation(day.payout)
            #expect(explained["unexplained"]?["minorUnits"]?.integer == 0)
            #expect(explained["lines"]?.elements?.count == 3)
            #expect(try await day.books.discrepancies() == [])
            try await day.books.expectBalanced()
        }

        @Test(arguments: [
            (#"{"kind":"short","cents":3}"#, ["payout-amount"]), (#"{"kind":"missing-line"}"#, ["payout-amount"]),
            (#"{"kind":"duplicate-line"}"#, ["duplicate"]),
            (#"{"kind":"unknown-payment","cents":7500}"#, ["unknown-payment"]), (#"{"kind":"never-arrives"}"#, []),
        ])
        func `REC-5 finds each way a payout does not explain itself`(fault: String, kinds: [String]) async throws {
            let day = try await day(",\"faults\":[\(fault)]")
            #expect(try await day.books.importReport(try await day.report()).status == 201)
            #expect(try await day.books.importStatement(try await day.statement()).status == 201)
            #expect(try await day.books.discrepancies().map { String($0.prefix { $0 != " " }) } == kinds)
            let isPointed = try await day.books.payout(day.payout)["isPointed"]
            #expect(isPointed == .bool(!fault.contains("never-arrives")))
            try await day.books.expectBalanced()
        }

        @Test func `REC-5 finds a transfer that comes days later`() async throws {
            let day = try await day(#","faults":[{"kind":"late","days":2}]"#)
            _ = try await day.books.importReport(try await day.report())
            _ = try await day.books.importStatement(try await day.statement())
            #expect(try await day.books.payout(day.payout)["isPointed"] == .bool(false))
            let later = try await day.merchant.sandbox.control(.post, "/bank/close-day", #"{"date":"2026-11-30"}"#)
            _ = try await day.books.importStatement(try await day.statement(later))
            #expect(try await day.books.payout(day.payout)["isPointed"] == .bool(true))
            #expect(try await day.books.balances()["511500"] == nil)
        }
    }
}

import EventContract
import HTTPClient
import HTTPServer
import PaymentModel
import TestSupport
import Testing

extension `The books` {
    /// Alma's own report of a payout and the movements of the balance, over sockets: two ways of telling the same.
    @Suite struct `A payout told by movements and by report` {
        private func report(_ payout: String, _ world: PayoutWorld) async throws -> InProcessClient.Answer {
            try await world.http.call(
                .post, "/v1/payout-sources/\(world.account)/reports", as: world.books.principal(),
                json: "{\"payout\":\"\(payout)\"}", key: Books.newKey())
        }

        @Test(arguments: [true, false])
        func `REC-3 REC-5 counts once, whichever comes first`(isReportFirst: Bool) async throws {
            try await PayoutWorld.run(.alma) { world in
                let books = world.books
                let paid = [try await world.paid(20_000), try await world.paid(9_000)]
                for payment in paid { try await books.tell(payment) }
                // The account is known, and nothing is paid out yet.
                #expect(try await world.fetch().json["trouble"] == nil)
                let payout = try await world.closeDay()["payouts"][0]["id"].string
                if !isReportFirst { #expect(try await world.fetch().json["trouble"] == nil) }
                let told = try await report(payout, world)
                #expect(told.status == 201, "\(told.text)")
                #expect(told.json["linesNew"]?.integer == (isReportFirst ? 2 : 0))
                if isReportFirst { #expect(try await world.fetch().json["trouble"] == nil) }
                let again = try await report(payout, world)
                #expect(again.status == 201 && again.json["linesNew"]?.integer == 0, "\(again.text)")
                #expect(try await books.count("settlement_line") == 2)
                let amounts = try await books.payouts().map { $0["amount"]?["minorUnits"]?.integer }
                #expect(amounts == [paid.reduce(0) { $0 + $1.net }])
                #expect(try await books.discrepancies() == [])
                try await books.expectBalanced()
            }
        }

        @Test(arguments: [true, false])
        func `REC-5 is refused where the report lacks a line, whichever comes second`(
            isReportFirst: Bool
        ) async throws {
            try await PayoutWorld.run(.alma) { world in
                let books = world.books
                let paid = [try await world.paid(20_000), try await world.paid(9_000)]
                for payment in paid { try await books.tell(payment) }
                #expect(try await world.fetch().json["trouble"] == nil)
                let payout = try await world.closeDay(faults: #"{"kind":"missing-line"}"#)["payouts"][0]["id"].string
                if isReportFirst {
                    #expect(try await report(payout, world).json["linesNew"]?.integer == 1)
                    // The movements tell all of it: what the report lacked is what they bring.
                    #expect(try await world.fetch().json["trouble"] == nil)
                } else {
                    #expect(try await world.fetch().json["trouble"] == nil)
                }
                let told = try await report(payout, world)
                #expect(told.status == 422, "\(told.text)")
                #expect(told.text.contains("as the provider's API told it"), "\(told.text)")
                #expect(try await books.count("settlement_line") == 2)
                let amounts = try await books.payouts().map { $0["amount"]?["minorUnits"]?.integer }
                #expect(amounts == [paid.reduce(0) { $0 + $1.net }])
            }
        }

        @Test func `REC-5 has its name where the report has a line twice`() async throws {
            try await PayoutWorld.run(.alma) { world in
                let payment = try await world.paid(20_000)
                try await world.books.tell(payment)
                #expect(try await world.fetch().json["trouble"] == nil)
                let payout = try await world.closeDay(faults: #"{"kind":"duplicate-line"}"#)["payouts"][0]["id"].string
                #expect(try await world.fetch().json["trouble"] == nil)
                let told = try await report(payout, world)
                #expect(told.status == 201 && told.json["linesNew"]?.integer == 0, "\(told.text)")
                let found = try await world.books.discrepancies()
                #expect(found.count == 1 && found[0].hasPrefix("duplicate "), "\(found)")
                #expect(try await world.books.count("settlement_line") == 1)
            }
        }

        @Test func `REC-3 keeps no file waiting while the provider writes it`() async throws {
            try await PayoutWorld.run(.alma, importsMax: 1) { world in
                let (payment, other) = (try await world.paid(20_000), PaymentFacts("payment_other", 9_000))
                for told in [payment, other] { try await world.books.tell(told) }
                #expect(try await world.fetch().json["trouble"] == nil)
                let payout = try await world.closeDay()["payouts"][0]["id"].string
                try await world.sandbox.control(
                    .post, "/faults",
                    #"{"operation":"alma.get-export","kind":"alter","times":0,"members":{"complete":false}}"#)
                async let told = report(payout, world)
                try await waitUntil("Alma is asked whether the export is written") {
                    try await world.sandbox.calls("alma.get-export") > 0
                }
                let file = try await world.http.call(
                    .post, "/v1/settlement-reports?provider=alma", as: world.books.principal(),
                    json: ReportFile([other.line("payout_other")]).text, key: Books.newKey(),
                    headers: ["Content-Type": "text/csv"])
                #expect(file.status == 201, "\(file.text)")
                try await world.sandbox.control(.delete, "/faults")
                let taken = try await told
                #expect(taken.status == 201 && taken.json["linesNew"]?.integer == 1, "\(taken.text)")
            }
        }

        @Test func `REC-3 is not there for everybody, or not yet, and says which`() async throws {
            try await PayoutWorld.run(.alma) { world in
                #expect(try await world.fetch().json["trouble"] == nil)
                let unknown = try await report("payout_nobody_knows", world)
                #expect(unknown.status == 409 && unknown.text.contains("gives no report"), "\(unknown.text)")
                let gone: ProviderAccountID = Books.newID()
                try await world.books.tell(
                    ProviderAccountConnectedV1(providerAccountID: gone, provider: .alma), about: gone)
                let nobody = try await world.http.call(
                    .post, "/v1/payout-sources/\(gone)/reports", as: world.books.principal(),
                    json: #"{"payout":"payout_x"}"#, key: Books.newKey())
                #expect(nobody.status == 409 && nobody.text.contains("no such provider account"), "\(nobody.text)")
                let fault = #"{"operation":"alma.create-export","kind":"status","status":503,"times":0}"#
                try await world.sandbox.control(.post, "/faults", fault)
                let later = try await report("payout_nobody_knows", world)
                #expect(later.status == 503 && later.problem == "unavailable", "\(later.text)")
            }
        }
    }
}

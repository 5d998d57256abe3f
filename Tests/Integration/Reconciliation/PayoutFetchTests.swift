import EventContract
import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import Testing

extension `The books` {
    /// Payouts as payment-orchestrator tells of them over HTTP, asked of the sandbox with the account's own key.
    @Suite struct `Payouts that providers tell of` {
        @Test(arguments: Provider.allCases, [true, false])
        func `REC-3 REC-5 are taken in once, explain themselves, and meet the bank, whichever comes first`(
            provider: Provider, isBankFirst: Bool
        ) async throws {
            try await PayoutWorld.run(provider) { world in
                let paid = [try await world.paid(20_000), try await world.paid(9_000)]
                for payment in paid { try await world.books.tell(payment) }
                let closed = try await world.closeDay()
                let statement = closed["statements"][0]["id"].string
                let file = try await world.sandbox.call(.get, "/control/bank/statements/\(statement)").text
                let named = try await world.books.put(
                    "/v1/bank-accounts/\(Merchant.iban)", #"{"currency":"EUR"}"#)
                #expect(named.status == 200)
                if isBankFirst { #expect(try await world.books.importStatement(file).status == 201) }
                let told = try await world.fetch()
                #expect(told.status == 200 && told.json["trouble"] == nil, "\(told.text)")
                #expect(told.json["toldAt"] != nil)
                let payout = try #require(try await world.books.payouts().first)
                let reference = payout["reference"]?.text ?? ""
                #expect(payout["provider"]?.text == provider.rawValue)
                #expect(payout["amount"]?["minorUnits"]?.integer == paid.reduce(0) { $0 + $1.net })
                _ = try await world.fetch()
                #expect(try await world.books.count("settlement_line") == 2)
                if !isBankFirst { #expect(try await world.books.importStatement(file).status == 201) }
                #expect(try await world.books.explanation(reference)["unexplained"]?["minorUnits"]?.integer == 0)
                #expect(try await world.books.payout(reference)["isPointed"] == .bool(true))
                #expect(try await world.books.discrepancies() == [])
                #expect(try await world.books.balances()[world.clearing] == nil)
                try await world.books.expectBalanced()
            }
        }

        @Test(arguments: [Provider.stripe, .paypal], [true, false])
        func `REC-3 are the same by file, whichever of the two comes first`(
            provider: Provider, isFileFirst: Bool
        ) async throws {
            try await PayoutWorld.run(provider) { world in
                let payment = try await world.paid(20_000)
                try await world.books.tell(payment)
                _ = try await world.closeDay()
                let file = try await world.reportFile()
                if !isFileFirst { #expect(try await world.fetch().json["trouble"] == nil) }
                let imported = try await world.books.importReport(file, of: provider)
                #expect(imported.status == 201, "\(imported.text)")
                #expect(imported.json["linesNew"]?.integer == (isFileFirst ? 1 : 0))
                if isFileFirst { #expect(try await world.fetch().json["trouble"] == nil) }
                #expect(try await world.books.count("settlement_line") == 1)
                #expect(try await world.books.payouts().map { $0["amount"]?["minorUnits"]?.integer } == [payment.net])
                #expect(try await world.books.discrepancies() == [])
            }
        }

        @Test func `REC-3 whole as the API told them take no further line of a file that says no sum`() async throws {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                let payment = try await world.paid(20_000)
                try await books.tell(payment)
                _ = try await world.closeDay()
                let file = try await world.reportFile()
                #expect(try await world.fetch().json["trouble"] == nil)
                let start = file.split(separator: "\n")[1].split(separator: ",").prefix(2).joined(separator: ",")
                let more = "\(file)\n\(start),txn_T3,charge,eur,90.00,1.60,88.40,pi_T3,"
                let refused = try await books.importReport(more, of: .stripe)
                #expect(refused.status == 422, "\(refused.text)")
                #expect(refused.text.contains("as the provider's API told it"), "\(refused.text)")
                #expect(try await books.count("settlement_line") == 1)
                #expect(try await books.payouts().map { $0["amount"]?["minorUnits"]?.integer } == [payment.net])
                let known = try await books.importReport(file, of: .stripe)
                #expect(known.status == 201 && known.json["linesNew"]?.integer == 0, "\(known.text)")
            }
        }

        @Test func `REC-3 a dispute has its name until it is won, and its fee is a commission`() async throws {
            try await PayoutWorld.run(.stripe) { world in
                let (disputed, other) = (try await world.paid(20_000), try await world.paid(40_000))
                for payment in [disputed, other] { try await world.books.tell(payment) }
                try await world.act("dispute", on: disputed)
                _ = try await world.closeDay()
                _ = try await world.fetch()
                let found = try await world.books.discrepancies()
                #expect(found.count == 1 && found[0].hasPrefix("dispute ") && found[0].hasSuffix(" -20000"), "\(found)")
                #expect(try await world.books.balances()["471000"] == 20_000)
                #expect(try await world.books.balances()["627000"] == disputed.fee + other.fee + 1_500)
                try await world.act("win-dispute", on: disputed)
                _ = try await world.closeDay("2026-12-01")
                _ = try await world.fetch()
                #expect(try await world.books.discrepancies() == [])
                #expect(try await world.books.balances()["471000"] == nil)
                try await world.books.expectBalanced()
            }
        }

        @Test func `REC-3 say what stands in the way, and go on when it is gone`() async throws {
            try await PayoutWorld.run(.stripe) { world in
                let payment = try await world.paid(20_000)
                try await world.books.tell(payment)
                _ = try await world.closeDay()
                let fault = #"{"operation":"stripe.balance-transactions","kind":"status","status":503,"times":0}"#
                try await world.sandbox.control(.post, "/faults", fault)
                let troubled = try await world.fetch()
                #expect(troubled.json["trouble"]?.text?.contains("503") == true, "\(troubled.text)")
                #expect(try await world.books.payouts() == [])
                try await world.sandbox.control(.delete, "/faults")
                #expect(try await world.fetch().json["trouble"] == nil)
                #expect(try await world.books.payouts().count == 1)
                let listed = try await world.books.list("/v1/payout-sources")
                #expect(listed.count == 1 && listed.first?["provider"]?.text == "stripe")
                let stranger = try world.books.ofStranger()
                #expect(try await stranger.list("/v1/payout-sources") == [])
                let other = try await world.fetch(as: stranger)
                #expect(other.status == 404)
            }
        }

        @Test(arguments: [true, false])
        func `REC-5 that the bank refused are nothing, and the books follow their money into the next`(
            isToldBefore: Bool
        ) async throws {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                let first = try await world.paid(20_000)
                try await books.tell(first)
                let failed = try await world.closeDay(faults: #"{"kind":"never-arrives"}"#)["payouts"][0]["id"].string
                if isToldBefore { #expect(try await world.fetch().json["trouble"] == nil) }
                try await world.sandbox.control(.post, "/stripe/payouts/\(failed)/fail")
                let second = try await world.paid(9_000)
                try await books.tell(second)
                let closed = try await world.closeDay("\(TimeSource.system.now().utcDate.adding(days: 1))")
                let told = try await world.fetch()
                #expect(told.json["trouble"] == nil, "\(told.text)")
                let brought = closed["payouts"][0]["id"].string
                try await books.expectBroughtBack(failed, first, by: brought, with: second.net)
                let file = try await world.sandbox.call(
                    .get, "/control/bank/statements/\(closed["statements"][0]["id"].string)"
                ).text
                _ = try await books.put("/v1/bank-accounts/\(Merchant.iban)", #"{"currency":"EUR"}"#)
                #expect(try await books.importStatement(file).status == 201)
                #expect(try await books.payout(brought)["isPointed"] == .bool(true))
                #expect(try await books.balances()[world.clearing] == nil)
                #expect(try await books.discrepancies() == [])
                #expect(try await books.breaches() == [])
            }
        }

        @Test func `REC-5 of lines that were settled in another payout are taken in, named, and whole by any name`()
            async throws
        {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                let payment = try await world.paid(20_000)
                try await books.tell(payment)
                _ = try await world.closeDay()
                _ = try await world.fetch()
                // As if the provider had told of another payout first.
                try await books.breaking("UPDATE payout SET reference = 'po_before' WHERE")
                try await books.breaking("UPDATE payout_source SET place = NULL WHERE")
                let told = try await world.fetch()
                #expect(told.json["trouble"] == nil, "\(told.text)")
                let amounts = try await books.payouts().compactMap { $0["amount"]?["minorUnits"]?.integer }
                #expect(amounts.sorted() == [0, payment.net])
                let found = try await books.discrepancies()
                #expect(found.count == 1 && found[0].hasPrefix("duplicate "), "\(found)")
                #expect(try await books.breaches() == [])
                // As if the provider had called its line otherwise when it told of both.
                try await books.breaking("UPDATE settlement_line SET reference = 'txn_before' WHERE")
                try await books.breaking("UPDATE discrepancy SET subject = 'txn_before' WHERE")
                try await books.breaking("UPDATE payout_source SET place = NULL WHERE")
                let again = try await world.fetch()
                #expect(again.json["trouble"] == nil, "\(again.text)")
                #expect(try await books.count("settlement_line") == 1, "the line under its new name is no other line")
                #expect(try await books.breaches() == [])
            }
        }

        @Test func `REC-2 that were taken in meet the bank in the end, whatever is wrong with the next one`()
            async throws
        {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                try await books.tell(try await world.paid(20_000))
                let first = try await world.closeDay()
                // Payouts of one second are in the order of their names.
                try await world.sandbox.control(.post, "/clock", #"{"advanceSeconds":5}"#)
                try await books.tell(try await world.paid(9_000))
                let second = try await world.closeDay("\(TimeSource.system.now().utcDate.adding(days: 1))")
                let statement = first["statements"][0]["id"].string
                let file = try await world.sandbox.call(.get, "/control/bank/statements/\(statement)").text
                _ = try await books.put("/v1/bank-accounts/\(Merchant.iban)", #"{"currency":"EUR"}"#)
                #expect(try await books.importStatement(file).status == 201)
                // The second cannot be taken in, and the first cannot be looked through.
                try await books.bench.superuser.execute(
                    """
                    INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
                    VALUES (\(Books.newID() as PayoutID), \(books.organisation), 'stripe',
                        \(second["payouts"][0]["id"].string), 'CHF', 100, \(Books.day))
                    """)
                try await books.bench.superuser.execute(
                    """
                    INSERT INTO matching_rules (id, organisation, definition, changed_by)
                    VALUES (\(IdentifierSource.system.next()), \(books.organisation), 'no rules', 'nobody')
                    """)
                let reference = first["payouts"][0]["id"].string
                for isLookedThrough in [false, true] {
                    if isLookedThrough { try await books.breaking("DELETE FROM matching_rules WHERE") }
                    let told = try await world.fetch()
                    #expect(told.json["trouble"]?.text?.contains("was CHF before") == true, "\(told.text)")
                    #expect(try await books.payout(reference)["isPointed"] == .bool(isLookedThrough))
                }
            }
        }

        @Test func `REC-3: are asked for anew when their account turns out to be older than told`() async throws {
            let books = try Books()
            let account: ProviderAccountID = Books.newID()
            let connected = { (since: LocalDate?) in
                ProviderAccountConnectedV1(providerAccountID: account, provider: .stripe, since: since)
            }
            let source = {
                try await books.bench.superuser.query(
                    """
                    SELECT since, coalesce(place, '-') AS place FROM payout_source
                    WHERE organisation = \(books.organisation)
                    """
                ) { row in "\(try row("since") as LocalDate) \(try row("place") as String)" }
            }
            try await books.tell(connected(Books.day), about: account)
            try await books.breaking("UPDATE payout_source SET place = 'po_9' WHERE")
            try await books.tell(connected(Books.day.adding(days: 1)), about: account)
            #expect(try await source() == ["\(Books.day) po_9"])
            let earlier = Books.day.adding(days: -90)
            try await books.tell(connected(earlier), about: account)
            #expect(try await source() == ["\(earlier) -"])
        }

        @Test func `REC-3 are asked of nobody where the installation takes files only`() async throws {
            let books = try Books()
            let account: ProviderAccountID = Books.newID()
            try await books.tell(
                ProviderAccountConnectedV1(providerAccountID: account, provider: .stripe), about: account)
            let answer = try await books.post("/v1/payout-sources/\(account)/fetch")
            #expect(answer.status == 409 && answer.text.contains("QUITTANCE_PAYMENTS_URL"))
        }
    }
}

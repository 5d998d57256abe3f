import HTTPServer
import PaymentModel
import Testing

/// A client's money is the chain's; who acts for some of its clinics pays what these are owed.
@Suite struct `GEN-1, INV-9: whose debts money is counted for` {
    @Test func `GEN-1, INV-9: money is counted for debts of the clinics the caller acts for, whatever is wished`()
        async throws
    {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        let hidden = try await chain.invoice(5_000, for: client, dueOn: "2026-11-21")
        let owed = try await chain.receivable(300, for: client, dueOn: "2026-11-22")
        let mine = try await chain.invoice(5_000, for: client, clinic: other, dueOn: "2026-12-20")
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        let collect = { (cents: Int64, more: String) async throws -> InProcessClient.Answer in
            let json = """
                {"clientID":"\(client)","clinicID":"\(other)","method":"card","collectedOn":"2026-11-20",
                 "amount":{"minorUnits":\(cents),"currency":"EUR"}\(more)}
                """
            return try await chain.call(.post, "/v1/collections", json, as: desk)
        }
        for (debt, reason) in [
            (#""invoiceID":"\#(hidden)""#, "The invoice \(hidden) is not one of this client's."),
            (#""receivableID":"\#(owed)""#, "The receivable \(owed) is not owed by this client, or not any more."),
        ] {
            let refused = try await collect(5_000, #","allocate":"as-told","allocations":[{\#(debt)}]"#)
            let error = refused.json["errors"]?.elements?.first
            #expect(refused.status == 422 && error?["reason"]?.text == reason, "\(refused.text)")
        }
        let taken = try await collect(4_000, "")
        #expect(taken.status == 201, "\(taken.text)")
        #expect(try await chain.standing(of: mine) == "part-paid 4000 0 1000", "the one that is shown")
        #expect(try await chain.standing(of: hidden) == "issued 0 0 5000")
        let more = try await collect(6_000, "")
        #expect(more.json.cents("unallocated") == 5_000, "the rest is credit: \(more.text)")
        let credit: PaymentOnAccountID = try more.id()
        let next = try await chain.invoice(1_000, for: client, clinic: other, dueOn: "2026-12-20")
        let path = "/v1/payments-on-account/\(credit)/allocations"
        let day = #"{"on":"2026-11-20"}"#
        #expect(try await chain.call(.post, path, day, headers: Chain.seen(), as: desk).status == 200)
        #expect(try await chain.standing(of: next) == "paid 1000 0 0")
        #expect(try await chain.standing(of: hidden) == "issued 0 0 5000")
        #expect(try await chain.call(.post, path, day, headers: Chain.seen(2)).json.cents("unallocated") == 0)
        #expect(try await chain.standing(of: hidden) == "part-paid 4000 0 1000", "who acts for all pays the oldest")
    }

    @Test func `GEN-1, INV-9: credit that another clinic took is counted for what the caller is shown, and no more`()
        async throws
    {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        let credit: PaymentOnAccountID = try await chain.collect(
            900, for: client, by: "card", more: #","allocate":"keep""#
        ).id()
        let hidden = try await chain.invoice(5_000, for: client, dueOn: "2026-11-21")
        let mine = try await chain.invoice(600, for: client, clinic: other, dueOn: "2026-12-20")
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        let held = try await chain.call(.get, "/v1/clients/\(client)/account", as: desk).json["credits"]?.elements
        #expect(held?.map { $0["paymentOnAccountID"]?.text } == ["\(credit)"])
        #expect(held?.first?.cents("amount") == 900 && held?.first?["version"]?.integer == 1)
        let path = "/v1/payments-on-account/\(credit)"
        let told = #"{"on":"2026-11-20","allocate":"as-told","allocations":[{"invoiceID":"\#(hidden)"}]}"#
        let refused = try await chain.call(.post, "\(path)/allocations", told, headers: Chain.seen(), as: desk)
        #expect(refused.status == 422, "\(refused.text)")
        let day = #"{"on":"2026-11-20"}"#
        let counted = try await chain.call(.post, "\(path)/allocations", day, headers: Chain.seen(), as: desk)
        #expect(counted.status == 200 && counted.json.cents("unallocated") == 300, "\(counted.text)")
        #expect(try await chain.standing(of: mine) == "paid 600 0 0")
        #expect(try await chain.standing(of: hidden) == "issued 0 0 5000")
        #expect(try await chain.call(.get, path, as: desk).status == 404)
        for act in ["archive", "reversal"] {
            let json = act == "archive" ? day : #"{"on":"2026-11-20","reason":"mistake"}"#
            let manager = chain.principal(role: .manager, clinics: .some([other]))
            #expect(
                try await chain.call(.post, "\(path)/\(act)", json, headers: Chain.seen(2), as: manager).status == 404,
                "\(act)")
        }
    }
}

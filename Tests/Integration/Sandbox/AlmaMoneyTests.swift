import HTTPClient
import TestSupport
import Testing

@Suite struct `Money at the simulated provider` {
    @Test func `is split with the odd cents first and a fee as the manuals show`() async throws {
        let merchant = try await Merchant.start()
        let answers = try await merchant.call(
            .post, "/v2/payments/eligibility",
            #"{"purchase_amount":20000,"queries":[{"installments_count":3},{"installments_count":10}]}"#
        ).json
        #expect(answers[0]["eligible"] == true)
        #expect(answers[0]["payment_plan"].list.map { $0["purchase_amount"].int } == [6_668, 6_666, 6_666])
        #expect(answers[1]["eligible"] == false)
        #expect(answers[1]["reasons"]["installments_count"] == "invalid_value")

        let small = try await merchant.call(
            .post, "/v2/payments/eligibility", #"{"purchase_amount":4999,"queries":[{"installments_count":2}]}"#
        ).json
        #expect(small[0]["constraints"]["purchase_amount"]["minimum"] == 5_000)

        for (amount, plan, fee) in [
            (9_000, "\"installments_count\":3", 389), (10_000, "\"installments_count\":2", 336),
            (12_000, "\"installments_count\":1,\"deferred_days\":15", 151),
        ] {
            let id = try await merchant.createPayment(amount, plan)
            let fees = try await merchant.payment(id)["fees"]["merchant"]
            #expect(fees["total"].int == fee)
            #expect((fees["total_excluding_tax"].int ?? 0) + (fees["tax"].int ?? 0) == fee)
        }
    }

    @Test func `puts the client's fee on the first instalment or on the merchant`() async throws {
        let merchant = try await Merchant.start()
        try await merchant.sandbox.control(
            .post, "/alma/accounts",
            #"{"apiKey":"sk_test_sharing","feePlans":[{"installments_count":3,"merchant_fee_variable":360,"customer_fee_variable":155}]}"#
        )
        let sharing = Merchant(sandbox: merchant.sandbox, key: "sk_test_sharing")
        func offer(_ flag: Bool) async throws -> SandboxJSON {
            let body =
                "{\"purchase_amount\":20000,\"merchant_covers_all_fees\":\(flag),\"queries\":[{\"installments_count\":3}]}"
            return try await sharing.call(.post, "/v2/payments/eligibility", body).json[0]
        }
        #expect(try await offer(false)["payment_plan"].list.map { $0["customer_fee"].int } == [310, 0, 0])
        #expect(try await offer(false)["payment_plan"][0]["total_amount"] == 6_978)
        #expect(try await offer(true)["customer_total_cost_amount"] == 0)

        let id = try await sharing.createPayment(20_000, #""merchant_covers_all_fees":true"#)
        #expect(try await sharing.payment(id)["fees"]["merchant"]["total_excluding_tax"] == 1_030)
        #expect(try await sharing.payment(id)["customer_fee"] == 0)
    }

    @Test func `comes back in parts, never more than was paid, with the schedule made anew`() async throws {
        let merchant = try await Merchant.start()
        let id = try await merchant.acceptedPayment(30_000)
        let refund = try await merchant.call(
            .post, "/v1/payments/\(id)/refunds", #"{"amount":5001,"merchant_reference":"AV-1"}"#
        ).json
        #expect(refund["amount"] == 5_001)
        let amounts = try await merchant.payment(id)["payment_plan"].list.map { $0["purchase_amount"].int }
        #expect(amounts == [10_000, 7_500, 7_499])

        let excess = try await merchant.call(.post, "/v1/payments/\(id)/refund", #"{"amount":25000}"#)
        #expect(excess.status == 400)
        #expect(excess.json["errors"][0]["field"] == "amount")
        let rest = try await merchant.call(.post, "/v1/payments/\(id)/refund", #"{"comment":"tout"}"#).json
        #expect(rest["is_completely_refunded"] == true)
        #expect(rest["amount_already_refunded"] == 30_000)
        #expect(rest["state"] == "paid")
        #expect(try await merchant.call(.post, "/v1/payments/\(id)/refund", "{}").status == 400)
    }

    @Test func `does not come back before it was paid`() async throws {
        let merchant = try await Merchant.start()
        let id = try await merchant.createPayment()
        #expect(try await merchant.call(.post, "/v1/payments/\(id)/refunds", #"{"amount":100}"#).status == 400)
        #expect(try await merchant.payment(id)["refunds"].list.isEmpty)
    }
}

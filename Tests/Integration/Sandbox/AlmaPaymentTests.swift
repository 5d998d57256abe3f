import HTTPClient
import TestSupport
import Testing

@Suite struct `The simulated credit provider` {
    @Test func `refuses a key that no merchant has`() async throws {
        let merchant = try await Merchant.start()
        let stranger = Merchant(sandbox: merchant.sandbox, key: "sk_test_nobody")

        #expect(try await stranger.call(.get, "/v1/me/extended-data").status == 401)
        #expect(try await merchant.call(.get, "/v1/me/extended-data").json["can_create_payments"] == true)
    }

    @Test func `takes a payment from the link to the signed notification`() async throws {
        let merchant = try await Merchant.start(["--seed", "7"])
        let id = try await merchant.createPayment()
        #expect(try await merchant.payment(id)["state"] == "not_started")
        #expect(try await merchant.sandbox.call(.get, "/alma/checkout/\(id)").text.contains("129,90 €"))

        let pressed = try await merchant.sandbox.call(.post, "/alma/checkout/\(id)/accept")

        #expect(pressed.status == 303)
        #expect(pressed.header("Location") == "\(merchant.sandbox.url)/sink/return?from=alma&pid=\(id)")
        let notice = try await merchant.seen("ipn", atLeast: 1)[0]
        #expect(notice["method"] == "GET")
        #expect(notice["query"]["pid"].string == id)
        // The seed makes the id, and the id and the key make the signature: computed once with Python's hmac.
        #expect(id == "payment_xIUx4boI7B1uOCQ4JJzMfFPfYfy3Z1gG")
        let signature = "ffa5fc71d37284badc520d73a2427850835648fa2438fd3e0afdcf8e917d02ce"
        #expect(notice["headers"]["x-alma-signature"].string == signature)
        let payment = try await merchant.payment(id)
        #expect(payment["state"] == "in_progress")
        #expect(payment["processing_status"] == "captured")
        #expect(payment["payment_plan"].list.map { $0["state"].string } == ["paid", "pending", "pending"])
    }

    @Test func `makes two payments of two equal requests`() async throws {
        let merchant = try await Merchant.start()
        let first = try await merchant.createPayment()
        let second = try await merchant.createPayment()

        #expect(first != second)
        #expect(try await merchant.call(.get, "/v1/payments").json["data"].list.count == 2)
    }

    @Test func `names every wrong field in its own error body`() async throws {
        let merchant = try await Merchant.start()
        let answer = try await merchant.call(
            .post, "/v1/payments",
            #"{"payment":{"purchase_amount":"12","installments_count":7,"return_url":"ftp"},"customer":{"email":"x"}}"#)

        #expect(answer.status == 400)
        #expect(answer.json["error_code"] == "validation_error")
        let problems = answer.json["errors"].list.map { "\($0["field"].string) \($0["error_code"].string)" }
        #expect(
            Set(problems) == [
                "payment.purchase_amount invalid_type", "payment.installments_count invalid_value",
                "payment.return_url invalid_value", "customer.email invalid_value",
            ])
    }

    @Test func `refuses amounts outside of the contract`() async throws {
        let merchant = try await Merchant.start()
        for amount in ["4999", "200001", "0", "-1", "9223372036854775807", "12.5", "null"] {
            let body = "{\"payment\":{\"purchase_amount\":\(amount),\"installments_count\":3}}"
            let answer = try await merchant.call(.post, "/v1/payments", body)
            #expect(answer.status == 400)
            #expect(answer.json["errors"][0]["field"] == "payment.purchase_amount")
        }
        #expect(try await merchant.call(.get, "/v1/payments").json["data"].list.isEmpty)
    }

    @Test func `lets either the cancel or the payment win, never both`() async throws {
        let merchant = try await Merchant.start()
        let cancelled = try await merchant.createPayment()
        #expect(try await merchant.call(.put, "/v1/payments/\(cancelled)/cancel").status == 204)
        #expect(try await merchant.sandbox.call(.post, "/alma/checkout/\(cancelled)/accept").status == 409)
        #expect(try await merchant.payment(cancelled)["cancelation_reason"] == "requested_by_merchant")
        #expect(try await merchant.call(.put, "/v1/payments/\(cancelled)/cancel").status == 400)

        let paid = try await merchant.acceptedPayment()
        #expect(try await merchant.call(.put, "/v1/payments/\(paid)/cancel").status == 400)
        #expect(try await merchant.payment(paid)["state"] == "in_progress")
    }

    @Test func `tells nobody of a refusal, an expiry or a give-up`() async throws {
        let merchant = try await Merchant.start()
        let refused = try await merchant.createPayment()
        let abandoned = try await merchant.createPayment()
        let expired = try await merchant.createPayment(12_990, "\"expires_after\":60")
        try await merchant.act("decline", on: refused)
        try await merchant.act("give-up", on: abandoned)
        try await merchant.sandbox.control(.post, "/clock", #"{"advanceSeconds":3600}"#)

        #expect(try await merchant.payment(refused)["state"] == "scored_no")
        #expect(try await merchant.payment(abandoned)["cancelation_reason"] == "requested_by_customer")
        #expect(try await merchant.payment(expired)["cancelation_reason"] == "expired")
        #expect(try await merchant.payment(expired)["expired_at"].int != nil)
        #expect(try await merchant.sandbox.control(.get, "/webhooks").list.isEmpty)
    }

    @Test func `charges the instalments as time passes`() async throws {
        let merchant = try await Merchant.start()
        let id = try await merchant.acceptedPayment()
        try await merchant.sandbox.control(.post, "/clock", #"{"advanceDays":32}"#)
        #expect(try await merchant.payment(id)["payment_plan"][1]["state"] == "paid")
        #expect(try await merchant.payment(id)["state"] == "in_progress")

        try await merchant.sandbox.control(.post, "/clock", #"{"advanceDays":32}"#)
        #expect(try await merchant.payment(id)["state"] == "paid")
    }

    @Test func `shows an instalment that failed and one it covers`() async throws {
        let merchant = try await Merchant.start()
        let id = try await merchant.acceptedPayment()
        try await merchant.sandbox.control(.post, "/alma/payments/\(id)/instalments/1", #"{"state":"incident"}"#)
        #expect(try await merchant.payment(id)["state"] == "late_dunning")
        #expect(try await merchant.payment(id)["payment_plan"][1]["state"] == "incident")

        try await merchant.sandbox.control(.post, "/alma/payments/\(id)/instalments/1", #"{"state":"covered"}"#)
        #expect(try await merchant.payment(id)["state"] == "in_progress")
    }

    @Test func `lists payments newest first, by pages and by state`() async throws {
        let merchant = try await Merchant.start()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await merchant.createPayment()) }
        try await merchant.act("accept", on: ids[0])

        let first = try await merchant.call(.get, "/v1/payments?limit=2").json
        #expect(first["data"].list.map { $0["id"].string } == [ids[4], ids[3]])
        #expect(first["has_more"] == true)
        let rest = try await merchant.call(.get, "/v1/payments?limit=20&starting_after=\(ids[3])").json
        #expect(rest["data"].list.map { $0["id"].string } == [ids[2], ids[1], ids[0]])
        #expect(rest["has_more"] == false)
        let paying = try await merchant.call(.get, "/v1/payments?state=in_progress,paid").json
        #expect(paying["data"].list.map { $0["id"].string } == [ids[0]])
    }
}

import HTTPClient
import TestSupport
import Testing

/// The simulated Stripe and PayPal keep to what the real ones promise.
@Suite struct `The simulated Stripe` {
    private static let creation =
        "mode=payment&success_url=https%3A%2F%2Fpay.example%2Fok&line_items[0][quantity]=1"
        + "&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=20000"
        + "&line_items[0][price_data][product_data][name]=Soins"

    private func call(
        _ sandbox: PrivateSandbox, _ path: String, _ form: String? = nil, key: String? = nil
    ) async throws -> SandboxAnswer {
        var headers = [("Authorization", "Bearer sk_test_one")]
        if let key { headers.append(("Idempotency-Key", key)) }
        return try await sandbox.call(form == nil ? .get : .post, "/stripe" + path, form, headers: headers)
    }

    private func start() async throws -> PrivateSandbox {
        try await PrivateSandbox.start(["--stripe-account", "sk_test_one=acct_one=FR7612345000010000000000193"])
    }

    private func paid(_ sandbox: PrivateSandbox) async throws -> (session: String, intent: String) {
        let id = try await call(sandbox, "/v1/checkout/sessions", Self.creation).json["id"].string
        try await sandbox.control(.post, "/stripe/payments/\(id)/act", #"{"action":"accept"}"#)
        return (id, try await call(sandbox, "/v1/checkout/sessions/\(id)").json["payment_intent"].string)
    }

    @Test func `knows a request again by its key, and refuses the key with another request`() async throws {
        let sandbox = try await start()
        let first = try await call(sandbox, "/v1/checkout/sessions", Self.creation, key: "k")
        let again = try await call(sandbox, "/v1/checkout/sessions", Self.creation, key: "k")
        #expect(first.status == 200 && again.json["id"] == first.json["id"])
        #expect(again.header("Idempotent-Replayed") == "true")
        let other = try await call(sandbox, "/v1/checkout/sessions", Self.creation + "&locale=fr", key: "k")
        #expect(other.status == 400 && other.json["error"]["type"] == "idempotency_error")
        let unknown = try await call(sandbox, "/v1/checkout/sessions", Self.creation + "&surprise=1", key: "k2")
        #expect(unknown.json["error"]["code"] == "parameter_unknown")
        #expect(try await call(sandbox, "/v1/account").json["id"] == "acct_one")
    }

    @Test func `waits for a proof, and for slow money`() async throws {
        let sandbox = try await start()
        for (begin, end, status) in [
            ("challenge", "settle", "paid"), ("accept-slowly", "settle", "paid"), ("accept-slowly", "fail", "unpaid"),
        ] {
            let id = try await call(sandbox, "/v1/checkout/sessions", Self.creation).json["id"].string
            try await sandbox.control(.post, "/stripe/payments/\(id)/act", "{\"action\":\"\(begin)\"}")
            #expect(try await call(sandbox, "/v1/checkout/sessions/\(id)").json["payment_status"] == "unpaid")
            try await sandbox.control(.post, "/stripe/payments/\(id)/act", "{\"action\":\"\(end)\"}")
            #expect(
                try await call(sandbox, "/v1/checkout/sessions/\(id)").json["payment_status"].string == status)
        }
    }

    @Test func `pays out what its balance transactions explain to the cent`() async throws {
        let sandbox = try await start()
        let first = try await paid(sandbox)
        let second = try await paid(sandbox)
        _ = try await call(sandbox, "/v1/refunds", "payment_intent=\(second.intent)&amount=700")
        try await sandbox.control(.post, "/stripe/payments/\(first.session)/act", #"{"action":"dispute"}"#)
        try await sandbox.control(.post, "/stripe/payments/\(first.session)/act", #"{"action":"win-dispute"}"#)
        let closed = try await sandbox.control(.post, "/bank/close-day", #"{"unrelated":0}"#)
        let payout = closed["payouts"][0]
        let lines = try await call(
            sandbox, "/v1/balance_transactions?payout=\(payout["id"].string)&limit=100"
        ).json["data"].list
        let sum = lines.filter { $0["type"] != "payout" }.reduce(0) { $0 + ($1["net"].int ?? 0) }
        #expect(sum == payout["amount"].int && sum == 2 * (20_000 - 325) - 700 - 1_500)
        #expect(payout["booked"].int == sum)
        #expect(try await call(sandbox, "/v1/disputes").json["data"][0]["status"] == "won")
        #expect(try await call(sandbox, "/v1/payouts").json["data"][0]["reconciliation_status"] == "completed")
    }
}

@Suite struct `The simulated PayPal` {
    private static let order = """
        {"intent":"CAPTURE","purchase_units":[{"reference_id":"default","invoice_id":"one",
          "amount":{"currency_code":"EUR","value":"200.00"}}],"payment_source":{"paypal":{"experience_context":
          {"return_url":"https://pay.example/ok","cancel_url":"https://pay.example/no"}}}}
        """

    private struct Merchant {
        let sandbox: PrivateSandbox
        let token: String

        func call(
            _ path: String, _ body: String? = nil, request: String? = nil
        ) async throws -> SandboxAnswer {
            var headers = [("Authorization", "Bearer \(token)")]
            if let request { headers.append(("PayPal-Request-Id", request)) }
            return try await sandbox.call(body == nil ? .get : .post, "/paypal" + path, body, headers: headers)
        }

        func approved(_ request: String) async throws -> String {
            let id = try await call("/v2/checkout/orders", order, request: request).json["id"].string
            try await sandbox.control(.post, "/paypal/payments/\(id)/act", #"{"action":"accept"}"#)
            return id
        }
    }

    private func merchant() async throws -> Merchant {
        let sandbox = try await PrivateSandbox.start([
            "--paypal-account", "client_one=secret_one=FR7612345000010000000000193",
        ])
        // client_one:secret_one
        let answer = try await sandbox.call(
            .post, "/paypal/v1/oauth2/token", "grant_type=client_credentials",
            headers: [("Authorization", "Basic Y2xpZW50X29uZTpzZWNyZXRfb25l")])
        return Merchant(sandbox: sandbox, token: answer.json["access_token"].string)
    }

    @Test func `knows a request again, and captures one order of an invoice`() async throws {
        let merchant = try await merchant()
        let first = try await merchant.call("/v2/checkout/orders", Self.order, request: "r")
        let again = try await merchant.call("/v2/checkout/orders", Self.order, request: "r")
        #expect(first.status == 201 && again.status == 200 && again.json["id"] == first.json["id"])
        #expect(try await merchant.call("/v2/checkout/orders", Self.order).status == 400, "without a name")
        let (one, two) = (try await merchant.approved("a"), try await merchant.approved("b"))
        #expect(try await merchant.call("/v2/checkout/orders/\(one)/capture", "{}", request: "c1").status == 201)
        let twice = try await merchant.call("/v2/checkout/orders/\(two)/capture", "{}", request: "c2")
        #expect(twice.status == 422 && twice.json["details"][0]["issue"] == "DUPLICATE_INVOICE_ID")
        let unapproved = first.json["id"].string
        let early = try await merchant.call("/v2/checkout/orders/\(unapproved)/capture", "{}", request: "c3")
        #expect(early.json["details"][0]["issue"] == "ORDER_NOT_APPROVED")
    }

    @Test func `lists every movement of its balance between two withdrawals`() async throws {
        let merchant = try await merchant()
        let order = try await merchant.approved("a")
        let captured = try await merchant.call("/v2/checkout/orders/\(order)/capture", "{}", request: "c")
        let capture = captured.json["purchase_units"][0]["payments"]["captures"][0]["id"].string
        _ = try await merchant.call(
            "/v2/payments/captures/\(capture)/refund",
            #"{"amount":{"currency_code":"EUR","value":"50.00"}}"#, request: "f")
        let closed = try await merchant.sandbox.control(.post, "/bank/close-day", #"{"unrelated":0}"#)
        #expect(closed["payouts"][0]["amount"] == 14_385)
        let now = try await merchant.sandbox.control(.get, "/clock")["today"].string
        let found = try await merchant.call(
            "/v1/reporting/transactions?start_date=\(now)T00:00:00Z&end_date=\(now)T23:59:59Z&fields=all")
        let codes = found.json["transaction_details"].list.map {
            $0["transaction_info"]["transaction_event_code"].string
        }
        #expect(codes == ["T0006", "T1107", "T0403"])
        let fee = found.json["transaction_details"][0]["transaction_info"]["fee_amount"]["value"]
        #expect(fee == "-6.15")
        #expect(found.json["transaction_details"][2]["transaction_info"]["ending_balance"]["value"] == "0.00")
        let wide = try await merchant.call(
            "/v1/reporting/transactions?start_date=2026-01-01T00:00:00Z&end_date=2026-03-01T00:00:00Z")
        #expect(wide.status == 400)
    }
}

import FoundationEssentials

// What the merchant's requests do to the simulated PayPal; each is one synchronous step.
extension WorldState {
    var paypalURL: String { "\(publicURL)/paypal" }

    mutating func issuePayPalToken(_ call: Call) throws -> Reply {
        let scheme = "Basic "
        guard let header = call.header("authorization"), header.hasPrefix(scheme),
            let bytes = Data(base64Encoded: String(header.dropFirst(scheme.count)))
        else { throw PayPalError.badClient }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let account = paypal.accounts[parts[0]], account.secret == parts[1] else {
            throw PayPalError.badClient
        }
        guard StripeForm.read(call.body)["grant_type"]?.asText == "client_credentials" else {
            throw PayPalError.invalid("grant_type", "unsupported_grant_type")
        }
        let token = random.identifier("A21AA")
        paypal.issueToken(to: account.clientID, token, until: clock.now + 32_400)
        return .json([
            "scope": "https://uri.paypal.com/services/payments/payment", "access_token": .text(token),
            "token_type": "Bearer", "app_id": "APP-80W284485P519543T", "expires_in": 32_400, "nonce": "sandbox",
        ])
    }

    mutating func createOrder(_ call: Call, _ account: PayPalAccount) throws -> Reply {
        // With a payment source PayPal insists on knowing the request again.
        guard call.header("paypal-request-id") != nil else {
            throw PayPalError.invalid("PayPal-Request-Id", "PAYPAL_REQUEST_ID_REQUIRED")
        }
        let id = String(random.identifier("").uppercased().prefix(17))
        let order = try PayPalOrder(try call.paypalJSON(), clientID: account.clientID, id: id, at: clock.now)
        guard !account.refusesPaidInvoices || !paypal.isCaptured(invoice: order.invoiceID, of: account.clientID) else {
            throw PayPalError.unprocessable("DUPLICATE_INVOICE_ID")
        }
        paypal.put(order)
        return .json(order.json(baseURL: paypalURL), status: 201)
    }

    mutating func updateOrder(_ call: Call, _ account: PayPalAccount) throws -> Reply {
        let order = try paypal.order(call.parameter("id"), of: account, at: clock.now)
        guard order.isOpen else { throw PayPalError.unprocessable("ORDER_ALREADY_COMPLETED") }
        for change in try call.paypalJSON().asList ?? [] {
            let path = "/purchase_units/@reference_id=='\(order.referenceID)'/custom_id"
            guard change["path"]?.asText == path, change["op"]?.asText == "replace" || change["op"]?.asText == "add",
                let value = change["value"]?.asText, value.count <= 127
            else { throw PayPalError.unprocessable("NOT_PATCHABLE") }
            paypal.change(order.id) { $0.customID = value }
        }
        return .noContent
    }

    mutating func captureOrder(_ call: Call, _ account: PayPalAccount) throws -> Reply {
        let order = try paypal.order(call.parameter("id"), of: account, at: clock.now)
        guard order.capture == nil else { throw PayPalError.unprocessable("ORDER_ALREADY_CAPTURED") }
        guard order.status == "APPROVED" else { throw PayPalError.unprocessable("ORDER_NOT_APPROVED") }
        guard account.takesInvoicesTwice || !paypal.isCaptured(invoice: order.invoiceID, of: account.clientID) else {
            throw PayPalError.unprocessable("DUPLICATE_INVOICE_ID")
        }
        if let issue = order.nextCaptureIssue {
            paypal.change(order.id) { ($0.status, $0.nextCaptureIssue) = ("PAYER_ACTION_REQUIRED", nil) }
            throw PayPalError.unprocessable(issue)
        }
        let capture = PayPalOrder.Capture(
            id: String(random.identifier("").uppercased().prefix(17)), at: clock.now,
            fee: account.fee(on: order.amount),
            status: "PENDING")
        paypal.change(order.id) { ($0.capture, $0.status) = (capture, "COMPLETED") }
        var captured = try paypal.order(order.id, of: account, at: clock.now)
        if order.capturesSlowly {
            let json = captured.captureJSON(baseURL: paypalURL)
            sendPayPalEvent("PAYMENT.CAPTURE.PENDING", "capture", json, about: order.id, account)
        } else {
            try settle(captured, account)
            captured = try paypal.order(order.id, of: account, at: clock.now)
        }
        return .json(captured.json(baseURL: paypalURL), status: 201)
    }

    /// The money of a capture is taken.
    mutating func settle(_ order: PayPalOrder, _ account: PayPalAccount) throws {
        guard let capture = order.capture, capture.status == "PENDING" else {
            throw Refusal.control("no capture of the order waits", status: 409)
        }
        paypal.change(order.id) { $0.capture?.status = "COMPLETED" }
        paypal.book(
            .init(id: capture.id, code: "T0006", amount: order.amount, fee: capture.fee), of: order, at: clock.now)
        let json = paypal.orders[order.id]?.captureJSON(baseURL: paypalURL) ?? .null
        sendPayPalEvent("PAYMENT.CAPTURE.COMPLETED", "capture", json, about: order.id, account)
    }

    mutating func refundCapture(_ call: Call, _ account: PayPalAccount) throws -> Reply {
        let order = try paypal.order(ofCapture: call.parameter("id"), account)
        let body = try call.paypalJSON()
        let left = order.amount - order.refunded
        guard left > 0 else { throw PayPalError.unprocessable("CAPTURE_FULLY_REFUNDED") }
        var amount = left
        if let asked = body.given("amount") {
            guard let money = Cents.read(asked), money.cents > 0, money.currency == order.currency else {
                throw PayPalError.unprocessable("DECIMAL_PRECISION")
            }
            amount = money.cents
        }
        guard amount <= left else { throw PayPalError.unprocessable("REFUND_AMOUNT_EXCEEDED") }
        let refund = PayPalOrder.Refund(
            id: String(random.identifier("").uppercased().prefix(17)), at: clock.now, amount: amount,
            customID: body.given("custom_id")?.asText, status: "COMPLETED")
        paypal.change(order.id) { order in
            order.refunds.append(refund)
            let status = order.refunded == order.amount ? "REFUNDED" : "PARTIALLY_REFUNDED"
            order.capture?.status = status
        }
        paypal.book(
            .init(id: refund.id, code: "T1107", amount: -amount, reference: order.capture?.id), of: order, at: clock.now
        )
        let json = order.json(of: refund, baseURL: paypalURL)
        sendPayPalEvent("PAYMENT.CAPTURE.REFUNDED", "refund", json, about: order.id, account)
        return .json(json, status: 201)
    }

    /// At most 31 days at once, by pages, as the real search.
    func searchTransactions(_ call: Call, _ account: PayPalAccount) throws -> Reply {
        guard let start = call.query("start_date").flatMap(Self.seconds),
            let end = call.query("end_date").flatMap(Self.seconds), start <= end
        else { throw PayPalError.invalid("start_date", "INVALID_DATE") }
        guard end - start <= 31 * 86_400 else { throw PayPalError.invalid("end_date", "DATE_RANGE_TOO_LARGE") }
        let size = call.query("page_size").flatMap(Int.init) ?? 100
        let page = call.query("page").flatMap(Int.init) ?? 1
        guard (1...500).contains(size), page >= 1 else { throw PayPalError.invalid("page_size", "INVALID_PAGE") }
        let found = paypal.movements.filter { $0.clientID == account.clientID && (start...end).contains($0.at) }
        let shown = found.dropFirst((page - 1) * size).prefix(size)
        return .json([
            "transaction_details": .list(shown.map(\.json)), "account_number": .text(account.clientID),
            "start_date": .text(PayPalOrder.time(start)), "end_date": .text(PayPalOrder.time(end)),
            "last_refreshed_datetime": .text(PayPalOrder.time(clock.now)), "page": .count(page),
            "total_items": .count(found.count), "total_pages": .count((found.count + size - 1) / size),
        ])
    }

    /// `2026-11-21T22:50:23Z`, with the offset zero only.
    private static func seconds(_ text: String) -> Int64? {
        guard text.count >= 20, text.hasSuffix("Z"), let date = CivilDate(String(text.prefix(10))) else { return nil }
        let parts = text.dropFirst(11).prefix(8).split(separator: ":").compactMap { Int64($0) }
        guard parts.count == 3 else { return nil }
        return date.unixSeconds + parts[0] * 3_600 + parts[1] * 60 + parts[2]
    }
}

extension Call {
    fileprivate func paypalJSON() throws -> JSON {
        guard !body.isEmpty else { return [:] }
        do throws(JSONMalformed) {
            return try JSON(reading: body)
        } catch {
            throw PayPalError.invalid("", "MALFORMED_REQUEST_JSON")
        }
    }
}

/// A client complains to PayPal, and somebody decides.
struct PayPalDispute: Sendable {
    let id: String
    let orderID: String
    let captureID: String
    let created: Int64
    let amount: Int64
    let currency: String
    var status = "OPEN"
    /// Once it is resolved.
    var outcome: String?

    /// As a list has it; what came of it is in the dispute's own answer only.
    var listed: JSON {
        [
            "dispute_id": .text(id), "create_time": .text(PayPalOrder.time(created)),
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "status": .text(status),
            "dispute_amount": Cents.money(amount, currency),
        ]
    }

    var json: JSON {
        var json = listed
        json.set("disputed_transactions", to: [["seller_transaction_id": .text(captureID)]])
        json.set("seller_response_due_date", to: .text(PayPalOrder.time(created + 10 * 86_400)))
        if let outcome { json.set("dispute_outcome", to: ["outcome_code": .text(outcome)]) }
        return json
    }
}

extension PayPalDispute {
    private static let parameters = [
        "create_time_after", "create_time_before", "dispute_state", "disputed_transaction_id", "next_page_token",
        "page",
        "page_size", "start_time", "update_time_after", "update_time_before",
    ]

    /// What is no parameter is refused, and so is a time before what is listed.
    static func check(_ call: Call, at now: Int64) throws {
        for (name, _) in call.query where !parameters.contains(name) {
            throw PayPalError.invalid(name, "INVALID_PARAMETER_SYNTAX")
        }
        let first = PayPalOrder.time(now - 180 * 86_400)
        if let since = call.query("create_time_after"), since.prefix(19) < first.prefix(19) {
            throw PayPalError.invalid("create_time_after", "INVALID_PARAMETER_VALUE")
        }
    }

    /// By its number, or by the token that a list's link has.
    static func page(_ call: Call) throws -> Int {
        guard let token = call.query("next_page_token") else {
            return call.query("page").flatMap { Int($0) } ?? 1
        }
        guard token.hasPrefix("page"), let page = Int(token.dropFirst(4)) else {
            throw PayPalError.invalid("next_page_token", "INVALID_PARAMETER_VALUE")
        }
        return page
    }
}

extension PayPalRoutes {
    static func addDisputes(_ endpoints: Endpoints) {
        endpoints.add(.get, "/v1/customer/disputes", "list-disputes") { call, world in
            try await world.paypal(call) { state, account in
                try PayPalDispute.check(call, at: state.clock.now)
                var found = state.paypal.disputes.filter {
                    state.paypal.orders[$0.orderID]?.clientID == account.clientID
                }
                if let transaction = call.query("disputed_transaction_id") {
                    found.removeAll { $0.captureID != transaction }
                }
                if let since = call.query("create_time_after") {
                    found.removeAll { PayPalOrder.time($0.created).prefix(19) < since.prefix(19) }
                }
                let size = call.query("page_size").flatMap { Int($0) } ?? 10
                let page = try PayPalDispute.page(call)
                guard (1...50).contains(size), (1...50).contains(page) else {
                    throw PayPalError.invalid("page", "INVALID_PARAMETER_VALUE")
                }
                let shown = found.reversed().dropFirst(size * (page - 1)).prefix(size)
                let next: JSON = [
                    "href": .text("https://elsewhere.example/v1/customer/disputes?next_page_token=page\(page + 1)"),
                    "rel": "next", "method": "GET",
                ]
                let links: [JSON] = found.count > size * page ? [next] : []
                return .json(["items": .list(shown.map(\.listed)), "links": .list(links)])
            }
        }
        endpoints.add(.get, "/v1/customer/disputes/{id}", "get-dispute") { call, world in
            try await world.paypal(call) { state, account in
                guard let found = state.paypal.disputes.first(where: { $0.id == call.parameter("id") }),
                    state.paypal.orders[found.orderID]?.clientID == account.clientID
                else { throw PayPalError.unknown }
                return .json(found.json)
            }
        }
    }
}

extension WorldState {
    mutating func dispute(_ order: PayPalOrder, _ account: PayPalAccount) throws {
        guard let capture = order.capture else { throw Refusal.control("nothing was paid", status: 409) }
        let dispute = PayPalDispute(
            id: random.identifier("PP-D-"), orderID: order.id, captureID: capture.id, created: clock.now,
            amount: order.amount, currency: order.currency)
        paypal.disputes.append(dispute)
        sendPayPalEvent("CUSTOMER.DISPUTE.CREATED", "dispute", dispute.json, about: order.id, account)
    }

    private static let lost = "RESOLVED_BUYER_FAVOUR"

    /// The outcome of before stays beside the new state.
    mutating func reopen(_ order: PayPalOrder, _ account: PayPalAccount) throws {
        guard let index = paypal.disputes.lastIndex(where: { $0.orderID == order.id }),
            paypal.disputes[index].status == "RESOLVED"
        else { throw Refusal.control("no dispute of it has ended", status: 409) }
        paypal.disputes[index].status = "UNDER_REVIEW"
        let json = paypal.disputes[index].json
        sendPayPalEvent("CUSTOMER.DISPUTE.UPDATED", "dispute", json, about: order.id, account)
    }

    mutating func decide(_ action: PayPalClientAction, _ order: PayPalOrder, _ account: PayPalAccount) throws {
        guard let index = paypal.disputes.lastIndex(where: { $0.orderID == order.id }) else {
            throw Refusal.control("nobody disputes it", status: 409)
        }
        let isWon = action == .winDispute
        let wasLost = paypal.disputes[index].outcome == Self.lost
        paypal.disputes[index].status = "RESOLVED"
        paypal.disputes[index].outcome = isWon ? "RESOLVED_SELLER_FAVOUR" : Self.lost
        let dispute = paypal.disputes[index]
        if isWon == wasLost {
            // Charged back, or what was charged back comes back.
            let entry = PayPalState.Entry(
                id: String(random.identifier("").uppercased().prefix(17)), code: isWon ? "T1202" : "T1201",
                amount: isWon ? dispute.amount : -dispute.amount, reference: dispute.captureID)
            paypal.book(entry, of: order, at: clock.now)
        }
        sendPayPalEvent("CUSTOMER.DISPUTE.RESOLVED", "dispute", dispute.json, about: order.id, account)
    }

    /// A capture that PayPal takes back; its status is one that no list of PayPal's has.
    mutating func reverse(_ order: PayPalOrder, _ account: PayPalAccount) throws {
        guard let capture = order.capture else { throw Refusal.control("nothing was paid", status: 409) }
        paypal.change(order.id) { $0.capture?.status = "REVERSED" }
        let entry = PayPalState.Entry(
            id: String(random.identifier("").uppercased().prefix(17)), code: "T1106", amount: -order.amount,
            reference: capture.id)
        paypal.book(entry, of: order, at: clock.now)
        let json = paypal.orders[order.id]?.captureJSON(baseURL: paypalURL) ?? .null
        sendPayPalEvent("PAYMENT.CAPTURE.REVERSED", "capture", json, about: order.id, account)
    }

    /// What PayPal says of a refund that moved its money: PENDING while a bank may still turn it down.
    mutating func settle(payPalRefund id: String, as status: String) throws -> JSON {
        guard let order = paypal.orders.values.first(where: { $0.refunds.contains { $0.id == id } }) else {
            throw Refusal.control("no such refund", status: 404)
        }
        paypal.change(order.id) { order in
            for index in order.refunds.indices where order.refunds[index].id == id {
                order.refunds[index].status = status
            }
        }
        return ["id": .text(id), "status": .text(status)]
    }

    /// A refund that was done and comes back, as when the client's account is closed.
    mutating func fail(payPalRefund id: String) throws -> JSON {
        guard let order = paypal.orders.values.first(where: { $0.refunds.contains { $0.id == id } }),
            let account = paypal.accounts[order.clientID]
        else { throw Refusal.control("no such refund", status: 404) }
        paypal.change(order.id) { order in
            for index in order.refunds.indices where order.refunds[index].id == id {
                order.refunds[index].status = "FAILED"
            }
            let status = order.refunded == 0 ? "COMPLETED" : "PARTIALLY_REFUNDED"
            order.capture?.status = status
        }
        guard let after = paypal.orders[order.id], let refund = after.refunds.first(where: { $0.id == id }) else {
            return .null
        }
        let back = PayPalState.Entry(
            id: String(random.identifier("").uppercased().prefix(17)), code: "T1106", amount: refund.amount,
            reference: id)
        paypal.book(back, of: after, at: clock.now)
        let json = after.json(of: refund, baseURL: paypalURL)
        sendPayPalEvent("PAYMENT.REFUND.FAILED", "refund", json, about: order.id, account)
        return json
    }
}

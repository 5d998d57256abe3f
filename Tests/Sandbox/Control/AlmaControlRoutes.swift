/// Merchants, the truth about payments, and the client's hand.
enum AlmaControlRoutes {
    static func add(to endpoints: Endpoints) {
        addAccounts(endpoints)
        addPayments(endpoints)
        addActions(endpoints)
    }

    private static func addAccounts(_ endpoints: Endpoints) {
        endpoints.add(.post, "/alma/accounts", "add-alma-account") { call, world in
            let json = try call.json()
            return try await world.perform { state in
                let account = try AlmaAccount(json, random: &state.random)
                state.alma.put(account)
                return .json(account.controlJSON, status: 201)
            }
        }
        endpoints.add(.get, "/alma/accounts", "alma-accounts") { _, world in
            await world.perform { state in
                let accounts = state.alma.accounts.values.sorted { $0.merchantID < $1.merchantID }
                return .json(.list(accounts.map(\.controlJSON)))
            }
        }
    }

    private static func addPayments(_ endpoints: Endpoints) {
        endpoints.add(.get, "/alma/payments", "alma-payments") { call, world in
            await world.perform { state in
                var found = Array(state.alma.payments.values)
                if let merchant = call.query("merchant") { found.removeAll { $0.merchantID != merchant } }
                if let name = call.query("state") { found.removeAll { $0.state.rawValue != name } }
                if let reference = call.query("merchant_reference") {
                    found.removeAll { $0.details.orders.first?["merchant_reference"]?.asText != reference }
                }
                found.sort { ($0.created, $0.id) < ($1.created, $1.id) }
                return .json(.list(found.map { state.json($0) }))
            }
        }
        endpoints.add(.get, "/alma/payments/{id}", "alma-payment") { call, world in
            try await world.perform { .json($0.json(try $0.knownPayment(call.parameter("id")))) }
        }
    }

    private static func addActions(_ endpoints: Endpoints) {
        endpoints.add(.post, "/alma/payments/{id}/act", "alma-act") { call, world in
            let named = try call.json()["action"]?.asText
            guard let action = named.flatMap(AlmaClientAction.init(rawValue:)) else {
                let known = AlmaClientAction.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.control("'action' must be one of: \(known)")
            }
            return try await world.perform { try $0.actByControl(action, on: call.parameter("id")) }
        }
        endpoints.add(.post, "/alma/payments/{id}/instalments/{index}", "alma-instalment") { call, world in
            guard let state = try call.json()["state"]?.asText.flatMap(AlmaInstalment.State.init(rawValue:)) else {
                let known = AlmaInstalment.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.control("'state' must be one of: \(known)")
            }
            return try await world.perform { try $0.settle(call, as: state) }
        }
        endpoints.add(.post, "/alma/payments/{id}/ipn", "alma-ipn") { call, world in
            try await world.perform { state in
                state.sendIPN(about: try state.knownPayment(call.parameter("id")))
                return .noContent
            }
        }
    }
}

extension WorldState {
    fileprivate func knownPayment(_ id: String) throws -> AlmaPayment {
        guard let payment = alma.payments[id] else { throw Refusal.control("no payment \(id)", status: 404) }
        return payment
    }

    fileprivate mutating func settle(_ call: Call, as state: AlmaInstalment.State) throws -> Reply {
        let now = clock.now
        let payment = try knownPayment(call.parameter("id"))
        guard payment.isAccepted, let index = Int(call.parameter("index")), payment.schedule.indices.contains(index)
        else { throw Refusal.control("the payment is not accepted or has no such instalment", status: 409) }
        try alma.change(payment.id, random: &random, at: now) { payment in
            try payment.settle(instalment: index, as: state, at: now)
        }
        return .json(json(try knownPayment(payment.id)))
    }

    fileprivate mutating func actByControl(_ action: AlmaClientAction, on id: String) throws -> Reply {
        do {
            let url = try act(action, on: id)
            return .json(["redirect": .optional(url), "payment": json(try knownPayment(id))])
        } catch AlmaPayment.Rejection.notPossible {
            let payment = try knownPayment(id)
            throw Refusal.control(
                "the payment is \(payment.state.rawValue)/\(payment.processing.rawValue): not open any more",
                status: 409)
        }
    }
}

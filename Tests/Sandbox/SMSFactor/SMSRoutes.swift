/// The gateway's API: HTTP 200 whatever happens, the status is in the body.
enum SMSRoutes {
    static func add(to endpoints: Endpoints) {
        addSending(endpoints)
        endpoints.add(.get, "/credits", "credits") { call, world in
            try await world.sms(call) { state, account in
                .json(["status": 1, "message": "OK", "credits": .count(account.credits)])
            }
        }
        endpoints.add(.delete, "/send/{ticket}", "cancel") { call, world in
            try await world.sms(call) { state, _ in
                state.sms.cancel(ticket: call.parameter("ticket"))
                return .json(["status": 1, "message": "OK"])
            }
        }
        addWebhooks(endpoints)
    }

    private static func addSending(_ endpoints: Endpoints) {
        endpoints.add(.get, "/send", "send") { call, world in
            try await world.send(call, isSimulation: false) { SMSRequest(query: call) }
        }
        endpoints.add(.get, "/send/simulate", "simulate") { call, world in
            try await world.send(call, isSimulation: true) { SMSRequest(query: call) }
        }
        endpoints.add(.post, "/send", "send") { call, world in
            try await world.send(call, isSimulation: false) { try SMSRequest(json: call.smsJSON()) }
        }
        endpoints.add(.post, "/send/simulate", "simulate") { call, world in
            try await world.send(call, isSimulation: true) { try SMSRequest(json: call.smsJSON()) }
        }
    }

    private static func addWebhooks(_ endpoints: Endpoints) {
        endpoints.add(.post, "/webhook", "create-webhook") { call, world in
            try await world.sms(call) { state, account in
                let wanted = try call.smsJSON()["webhook"] ?? [:]
                guard let type = wanted["type"]?.asText, let url = wanted["url"]?.asText else {
                    throw SMSRefusal(status: -7, message: "Data error", details: "type and url are needed")
                }
                let webhook = state.sms.addWebhook(
                    type: type, url: url, signature: wanted.given("signature")?.asText, to: account.token)
                return .json(["status": 1, "message": "OK", "webhook_id": .text(String(webhook.id))])
            }
        }
        endpoints.add(.get, "/webhook", "list-webhooks") { call, world in
            try await world.sms(call) { _, account in
                .json(["status": 1, "message": "OK", "webhooks": .list(account.webhooks.map(\.json))])
            }
        }
        endpoints.add(.delete, "/webhook/{id}", "remove-webhook") { call, world in
            try await world.sms(call) { state, account in
                state.sms.removeWebhook(Int(call.parameter("id")) ?? 0, of: account.token)
                return .json(["status": 1, "message": "OK"])
            }
        }
    }
}

extension World {
    /// One step of the gateway for the customer whose token the call carries.
    func sms(
        _ call: Call, _ body: @Sendable (inout WorldState, SMSAccount) throws -> Reply
    ) throws -> Reply {
        try perform { state in
            do {
                guard let account = state.sms.accounts[call.smsToken] else {
                    throw SMSRefusal(status: -1, message: "Authentication error")
                }
                return try body(&state, account)
            } catch let refusal as SMSRefusal {
                return refusal.reply
            }
        }
    }

    func send(
        _ call: Call, isSimulation: Bool, _ read: @Sendable () throws -> SMSRequest
    ) throws -> Reply {
        try sms(call) { state, account in
            let (tally, sent) = try state.sms.send(
                try read(), token: account.token, isSimulation: isSimulation, at: state.clock.now)
            state.pushReceipts(for: sent)
            return .json(tally.json)
        }
    }
}

extension Call {
    /// From the header, or from the query as older clients do.
    fileprivate var smsToken: String {
        let scheme = "Bearer "
        if let header = header("authorization"), header.hasPrefix(scheme) {
            return String(header.dropFirst(scheme.count))
        }
        return query("token") ?? ""
    }

    fileprivate func smsJSON() throws -> JSON {
        do throws(JSONMalformed) {
            return try JSON(reading: body)
        } catch {
            throw SMSRefusal(status: -6, message: "JSON error")
        }
    }
}

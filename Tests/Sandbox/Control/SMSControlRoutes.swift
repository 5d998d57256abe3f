/// The phones: what arrived, what will not, and who says STOP.
enum SMSControlRoutes {
    static func add(to endpoints: Endpoints) {
        addAccounts(endpoints)
        addMessages(endpoints)
        addPhones(endpoints)
        GatewayControlRoutes.add(to: endpoints)
    }

    private static func addAccounts(_ endpoints: Endpoints) {
        endpoints.add(.post, "/sms/accounts", "add-sms-account") { call, world in
            let json = try call.json()
            guard let token = json["token"]?.asText, !token.isEmpty else {
                throw Refusal.control("'token' is missing")
            }
            return await world.perform { state in
                state.sms.put(token: token, credits: json.whole("credits") ?? 1_000)
                if let url = json.given("receiptURL")?.asText {
                    _ = state.sms.addWebhook(
                        type: "DLR", url: url, signature: json.given("signature")?.asText, to: token)
                }
                if let url = json.given("stopURL")?.asText {
                    _ = state.sms.addWebhook(
                        type: "STOP", url: url, signature: json.given("signature")?.asText, to: token)
                }
                if let mode = json["signatureMode"]?.asText.flatMap(SMSSignatureMode.init(rawValue:)) {
                    state.sms.signatureMode = mode
                }
                return Reply(status: 201)
            }
        }
        endpoints.add(.post, "/sms/receipts", "set-sms-receipts") { call, world in
            let json = try call.json()
            return await world.perform { state in
                if let delay = json.whole("delayMilliseconds") { state.sms.receiptDelayMilliseconds = delay }
                return .noContent
            }
        }
    }

    private static func addMessages(_ endpoints: Endpoints) {
        endpoints.add(.get, "/sms/messages", "sms-messages") { call, world in
            await world.perform { state in
                var found = state.sms.messages
                if let to = call.query("to") {
                    let digits = to.filter(\.isNumber)
                    found.removeAll { $0.to != digits }
                }
                if let reference = call.query("gsmsmsid") { found.removeAll { $0.reference != reference } }
                return .json(.list(found.map(\.json)))
            }
        }
        endpoints.add(.get, "/sms/counts", "sms-counts") { _, world in
            await world.perform { state in
                var counts: [String: Int] = [:]
                for message in state.sms.messages { counts[message.reference, default: 0] += 1 }
                let members = counts.sorted { $0.key < $1.key }.map {
                    JSON.Member(key: $0.key, value: .count($0.value))
                }
                return .json(.object(members))
            }
        }
    }

    private static func addPhones(_ endpoints: Endpoints) {
        endpoints.add(.post, "/sms/outcomes", "set-sms-outcome") { call, world in
            let json = try call.json()
            guard let to = json["to"]?.asText else { throw Refusal.control("'to' is missing") }
            return await world.perform { state in
                state.sms.plant(outcome: json.whole("status"), for: to.filter(\.isNumber))
                return .noContent
            }
        }
        endpoints.add(.post, "/sms/discards", "set-sms-discard") { call, world in
            let json = try call.json()
            guard let to = json["to"]?.asText else { throw Refusal.control("'to' is missing") }
            return await world.perform { state in
                state.sms.plant(discard: json.given("as")?.asText, for: to.filter(\.isNumber))
                return .noContent
            }
        }
        endpoints.add(.post, "/sms/stop", "sms-stop") { call, world in
            guard let from = try call.json()["from"]?.asText else { throw Refusal.control("'from' is missing") }
            return await world.perform { state in
                state.pushStop(from: from.filter(\.isNumber))
                return .noContent
            }
        }
    }
}

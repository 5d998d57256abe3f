/// The tests' hand in the gateways beside SMSFactor.
enum GatewayControlRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/gateways/accounts/{gateway}", "add-gateway-account") { call, world in
            guard case .object(let members) = try call.json() else { throw Refusal.control("give an object") }
            let credentials = members.compactMap { member in member.value.asText.map { (member.key, $0) } }
            return await world.perform { state in
                state.gateways.put(call.parameter("gateway"), Dictionary(credentials) { $1 })
                return .noContent
            }
        }
        endpoints.add(.post, "/gateways/outcomes", "set-gateway-outcome") { call, world in
            let json = try call.json()
            guard let to = json["to"]?.asText, let verdict = json["verdict"]?.asText else {
                throw Refusal.control(
                    "'to' and 'verdict' (delivered, undelivered, off, opted-out, closed-country, none) are needed")
            }
            return await world.perform { state in
                state.gateways.plant(verdict, for: to)
                return .noContent
            }
        }
        endpoints.add(.post, "/gateways/replies", "add-gateway-reply") { call, world in
            let json = try call.json()
            guard let from = json["from"]?.asText, let text = json["text"]?.asText else {
                throw Refusal.control("'from' and 'text' are needed; 'to': 'ovhcloud' says it to the gateway's number")
            }
            return await world.perform { state in
                if json["to"]?.asText == "ovhcloud" {
                    state.gateways.stop(from)
                } else {
                    state.gateways.hear(text, from: from, at: state.clock.now)
                }
                return .noContent
            }
        }
        endpoints.add(.get, "/gateways/messages", "gateway-messages") { call, world in
            await world.perform { state in
                let digits = call.query("to").map { $0.filter(\.isNumber) }
                let found = state.gateways.messages.filter { message in
                    digits.map { message.to.filter(\.isNumber) == $0 } ?? true
                }
                return .json(.list(found.map { $0.json(state.gateways.verdict(of: $0)) }))
            }
        }
    }
}

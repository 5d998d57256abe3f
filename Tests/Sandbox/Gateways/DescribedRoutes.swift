/// A gateway nobody has an adapter for: JSON of its own kind, as a file describes it to the system.
enum DescribedRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/send", "send") { call, world in
            try await world.perform { state in
                guard call.header("X-Key") == state.gateways.credential("described", "key") else {
                    throw Refusal(.json(["result": ["state": "locked"]], status: 403))
                }
                let json = try call.json()
                guard let to = json["phone"]?.asText, GatewayState.isNumber(to), let text = json["words"]?.asText else {
                    throw Refusal(.json(["result": ["state": "bad"]]))
                }
                let message = state.gateways.take(
                    "described", to: to, text: text, sender: json["name"]?.asText ?? "",
                    isUnicode: json["alphabet"]?.asText == "ucs2",
                    validMinutes: json["minutes"]?.asInteger.map { Int($0) })
                push(message, json["callback"]?.asText ?? "", &state)
                return .json([
                    "result": [
                        "state": "queued", "tickets": .list([.text(message.reference)]), "units": .count(message.parts),
                    ]
                ])
            }
        }
    }

    private static func push(_ message: GatewayMessage, _ url: String, _ state: inout WorldState) {
        state.pushReceipt(of: message) { verdict in
            guard !url.isEmpty else { return nil }
            let body: JSON = [
                "event": ["state": .text(verdict == "delivered" ? "arrived" : "lost")],
                "ticket": .text(message.reference),
            ]
            return OutgoingRequest(
                method: "POST", url: url, headers: [("content-type", "application/json")], body: body.bytes)
        }
    }
}

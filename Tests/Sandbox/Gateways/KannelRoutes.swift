/// Kannel's smsbox: one GET that sends, plain words as answers, no id; receipts fetch the address they were given.
enum KannelRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/cgi-bin/sendsms", "send") { call, world in
            try await world.perform { state in
                func query(_ name: String) -> String { call.query(name) ?? "" }
                guard query("username") == state.gateways.credential("kannel", "user"),
                    query("password") == state.gateways.credential("kannel", "password")
                else { throw refusal(403, "Authorization failed for sendsms") }
                let to = query("to")
                guard GatewayState.isNumber(to) else { throw refusal(400, "Invalid to number, rejected") }
                let message = state.gateways.take(
                    "kannel", to: to, text: query("text"), sender: query("from"),
                    isUnicode: query("coding") == "2", validMinutes: Int(query("validity")))
                push(message, call, &state)
                return Reply(status: 202, body: Array("0: Accepted for delivery".utf8))
            }
        }
    }

    private static func push(_ message: GatewayMessage, _ call: Call, _ state: inout WorldState) {
        guard let url = call.query("dlr-url"), let mask = call.query("dlr-mask").flatMap({ Int($0) }) else { return }
        state.pushReceipt(of: message) { verdict in
            let type = verdict == "delivered" ? 1 : 2
            guard mask & type != 0 else { return nil }
            let parts = url.split(separator: "%d", omittingEmptySubsequences: false)
            return OutgoingRequest(method: "GET", url: parts.joined(separator: "\(type)"), headers: [], body: nil)
        }
    }

    private static func refusal(_ status: Int, _ text: String) -> Refusal {
        Refusal(Reply(status: status, headers: [("content-type", "text/plain")], body: Array(text.utf8)))
    }
}

import Crypto

/// OVHcloud's API: every call is signed with its own clock, which may be minutes away from ours.
enum OVHcloudRoutes {
    /// How far a signature's time may be from its clock.
    private static let driftMax: Int64 = 30

    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/auth/time", "time") { _, world in
            await world.perform { state in Reply.json(.integer(clock(state))) }
        }
        endpoints.add(.post, "/sms/{account}/jobs", "send") { call, world in
            try await world.perform { state in
                try check(call, state)
                return try send(call, &state)
            }
        }
        endpoints.add(.get, "/sms/{account}/incoming", "list-incoming") { call, world in
            try await world.perform { state in
                try check(call, state)
                let from = call.query("creationDatetime.from") ?? ""
                let found = state.gateways.incoming.filter { text(of: $0.at) >= from }
                return .json(.list(found.map { .integer($0.id) }))
            }
        }
        endpoints.add(.get, "/sms/{account}/incoming/{id}", "read-incoming") { call, world in
            try await world.perform { state in
                try check(call, state)
                guard let found = state.gateways.incoming.first(where: { "\($0.id)" == call.parameter("id") }) else {
                    throw refusal(404, "NOT_FOUND", "The requested object does not exist")
                }
                return .json([
                    "id": .integer(found.id), "sender": .text(found.from), "message": .text(found.text),
                    "creationDatetime": .text(text(of: found.at)), "credits": .integer(0), "tag": .text(""),
                ])
            }
        }
        endpoints.add(.get, "/sms/{account}/blacklists", "list-blacklists") { call, world in
            try await world.perform { state in
                try check(call, state)
                return .json(.list(state.gateways.stopped.map { .text($0) }))
            }
        }
    }

    /// With an offset, as its answers have times; all are in UTC here, so that texts sort as times do.
    private static func text(of seconds: Int64) -> String { dateTimeText(unixSeconds: seconds) + "+00:00" }

    private static func clock(_ state: WorldState) -> Int64 {
        state.clock.now + (Int64(state.gateways.credential("ovhcloud", "clockAhead")) ?? 0)
    }

    private static func check(_ call: Call, _ state: WorldState) throws {
        func credential(_ name: String) -> String { state.gateways.credential("ovhcloud", name) }
        let time = call.header("X-Ovh-Timestamp") ?? ""
        guard call.header("X-Ovh-Application") == credential("applicationKey"),
            call.header("X-Ovh-Consumer") == credential("consumerKey")
        else { throw refusal(403, "NOT_CREDENTIAL", "This credential does not exist") }
        let url = call.query.reduce(state.publicURL + call.path) { $0.addingQuery($1.name, $1.value) }
        let text = [
            credential("applicationSecret"), credential("consumerKey"), call.method, url,
            String(decoding: call.body, as: UTF8.self), time,
        ].joined(separator: "+")
        let digest = Insecure.SHA1.hash(data: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        guard call.header("X-Ovh-Signature") == "$1$" + digest.joined(),
            let seconds = Int64(time), abs(seconds - clock(state)) <= driftMax
        else { throw refusal(403, "INVALID_CREDENTIAL", "Invalid signature") }
        guard call.parameter("account") == credential("account") else {
            throw refusal(404, "NOT_FOUND", "The requested object does not exist")
        }
    }

    private static func send(_ call: Call, _ state: inout WorldState) throws -> Reply {
        let json = try call.json()
        guard let text = json["message"]?.asText, let sender = json["sender"]?.asText,
            let coding = json["coding"]?.asText, ["7bit", "8bit"].contains(coding)
        else { throw refusal(400, "BAD_PARAMETERS", "Missing or wrong parameters") }
        let numbers = (json["receivers"]?.asList ?? []).compactMap(\.asText)
        let valid = numbers.filter { $0.hasPrefix("+") && GatewayState.isNumber($0) }
        // What is not said to be no marketing gets a mention.
        let said = json["noStopClause"] == true ? text : text + "\nSTOP SMS: 36180"
        let taken = valid.map { number in
            state.gateways.take(
                "ovhcloud", to: number, text: said, sender: sender, isUnicode: coding == "8bit",
                validMinutes: json["validityPeriod"]?.asInteger.map { Int($0) })
        }
        for message in taken { push(message, &state) }
        return .json([
            // A part to a number abroad costs another share of a credit than one to France.
            "totalCreditsRemoved": .number(
                taken.reduce(0) { $0 + Double($1.parts) * ($1.to.hasPrefix("+33") ? 1 : 0.4) }),
            "ids": .list(taken.map { .integer(Int64($0.reference) ?? 0) }),
            "validReceivers": .list(valid.map { .text($0) }),
            "invalidReceivers": .list(numbers.filter { !valid.contains($0) }.map { .text($0) }),
        ])
    }

    private static func push(_ message: GatewayMessage, _ state: inout WorldState) {
        let url = state.gateways.credential("ovhcloud", "url")
        state.pushReceipt(of: message) { verdict in
            guard !url.isEmpty else { return nil }
            let isThere = verdict == "delivered"
            let address = url.addingQuery("id", message.reference).addingQuery("ptt", isThere ? "4" : "24")
                .addingQuery("date", "2026-11-20 10:00:00").addingQuery("description", isThere ? "1" : "2")
                .addingQuery("descriptionDlr", isThere ? "Success" : "Failed")
            return OutgoingRequest(method: "GET", url: address, headers: [], body: nil)
        }
    }

    private static func refusal(_ status: Int, _ code: String, _ message: String) -> Refusal {
        Refusal(
            .json(
                ["message": .text(message), "errorCode": .text(code), "httpCode": .text("\(status) \(code)")],
                status: status))
    }
}

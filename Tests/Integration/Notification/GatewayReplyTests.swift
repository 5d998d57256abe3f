import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

extension `Several gateways` {
    @Test func `NOT-9: a STOP that OVHcloud keeps counts once, also when it could not be read at first`() async throws {
        let stack = try await Self.started.value
        func unheard() async throws -> Double {
            try await stack.metrics().sum(
                of: "quittance_gateway_replies_unheard_total", [#"gateway="ovhcloud""#])
        }
        func strangers() async throws -> Double {
            try await stack.metrics().sum(
                of: "quittance_gateway_replies_unheard_total", [#"gateway="ovhcloud""#, #"reason="stranger""#])
        }
        let (before, strangersBefore) = (try await unheard(), try await strangers())
        try await stack.fault(#"{"operation":"ovhcloud.read-incoming","kind":"html","times":1}"#)
        let phones = try await stack.seed(3, by: "held").map(NotificationStack.phone)
        try await stack.sandbox.control(
            .post, "/gateways/replies", #"{"from":"no number","text":"STOP","to":"ovhcloud"}"#)
        for (phone, more) in [
            ("+33610000000", #""text":"STOP""#), (phones[0], #""text":"Stop svp""#),
            (phones[1], #""text":"STOP","to":"ovhcloud""#), (phones[2], #""text":"Merci""#),
        ] {
            try await stack.sandbox.control(.post, "/gateways/replies", #"{"from":"\#(phone)",\#(more)}"#)
        }
        func heard() async throws -> [String: Int] {
            try await stack.everybody { transaction in
                let rows = try transaction.query(
                    """
                    SELECT address, count(*) AS count FROM consent
                    WHERE address = ANY(\(phones)) AND decision = 'withdrawn' GROUP BY address
                    """
                ) { row in (try row("address") as String, try row("count") as Int) }
                return Dictionary(uniqueKeysWithValues: rows)
            }
        }
        try await waitUntil("both are heard") { try await heard() == [phones[0]: 1, phones[1]: 1] }
        // Who agrees again afterwards is not withdrawn by a list that has not changed.
        let manager = NotificationStack.principal(scopes: ["consents:write"])
        let given = #"""
            {"phone":"\#(phones[1])","decision":"given","proof":"formulaire","decidedAt":"\#(TimeSource.system.now())"}
            """#
        #expect(try await stack.call(.post, "/v1/consents", given, as: manager).status == 201)
        try await stack.sandbox.control(.post, "/gateways/replies", #"{"from":"\#(phones[2])","text":"stop"}"#)
        try await waitUntil("a later one is heard") { try await heard()[phones[2]] == 1 }
        #expect(try await heard() == [phones[0]: 1, phones[1]: 1, phones[2]: 1])
        let known = try await stack.everybody { transaction in
            try transaction.one("SELECT count(*) AS known FROM heard_reply WHERE identity LIKE 'stop/%'") { row in
                try row("known") as Int
            }
        }
        #expect(known == 1, "a STOP whose number cannot be read does not count as heard")
        // What could not be read at first, and then the number nobody can read, at each look.
        let counted = try await unheard()
        #expect(counted >= before + 2)
        try await waitUntil("it is counted again") { try await unheard() > counted }
        #expect(try await strangers() == strangersBefore + 1, "one nobody wrote to is counted once")
    }
}

import Foundation
import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// NOT-1, NOT-10: a described gateway that knows nothing of our ids and calls one address of its account for all.
@Suite(.serialized) struct `A described gateway that names its own ids` {
    private static let secret = "secret of the receipts"

    private func start() async throws -> NotificationStack {
        let port = try FreePort.pick()
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMS_GATEWAYS": "described", "QUITTANCE_RECEIPT_SECRET": Self.secret,
                "QUITTANCE_HTTP_GATEWAY_SECRET": "described key", "QUITTANCE_LOOK_EVERY": "200ms",
            ], at: port,
            urls: { ["QUITTANCE_HTTP_GATEWAY": Self.template("\($0)/described/send", "http://127.0.0.1:\(port)")] })
        try await stack.sandbox.control(.post, "/gateways/accounts/described", #"{"key":"described key"}"#)
        return stack
    }

    private static func template(_ url: String, _ here: String) -> String {
        #"""
        {"name":"described","method":"POST","url":"\#(url)","headers":{"X-Key":"{{secret}}"},
         "body":"{\"phone\":\"{{digits}}\",\"words\":\"{{text}}\",\"name\":\"{{sender}}\",\#
        \"callback\":\"\#(here)/webhooks/http/receipts?key=secret%20of%20the%20receipts\"}",
         "taken":{"pointer":"/result/state","values":["queued"]},"referencePointer":"/result/tickets/0",
         "receipts":{"reference":"/ticket","code":"/event/state","delivered":["arrived"],"undelivered":["lost"]}}
        """#
    }

    @Test(arguments: [false, true])
    func `NOT-10, C-14: says what became of its messages, also before it has answered`(isEarly: Bool) async throws {
        let stack = try await start()
        if isEarly {
            try await stack.sandbox.control(
                .post, "/webhooks", #"{"behaviour":"before-answer","channel":"gateway-receipt","times":2}"#)
        }
        let children = [try await stack.serve(), try stack.work()]
        let ids = try await stack.sendTwo(by: "described")
        #expect(try await stack.message(ids[0]).state == "delivered")
        for child in children { try await child.kill() }
    }

    @Test(arguments: [0, 1])
    func `C-14, NOT-10: says that what was to be sent again meanwhile has arrived`(triesMeanwhile: Int)
        async throws
    {
        let stack = try await start()
        let held = try await stack.fault(#"{"operation":"described.send","kind":"hold-answer"}"#)
        let server = try await stack.serve()
        let worker = try stack.work()
        let ids = try await stack.seed(1, by: "described")
        try await stack.ring(ids)
        func taken() async throws -> Int { try await stack.sandbox.control(.get, "/gateways/messages").list.count }
        try await waitUntil("the gateway has taken it") { try await taken() == 1 }
        worker.send(SIGSTOP)
        try await waitUntil("the worker is frozen") { worker.isFrozen }
        try await stack.release(held)
        try await waitUntil("its receipt is about nobody yet") {
            try await stack.everybody { transaction in
                try transaction.one("SELECT count(*) AS count FROM orphan_receipt") { row in try row("count") as Int }
                    == 1
            }
        }
        // The call was given up, a person had it sent again, and perhaps another gateway had no part of it.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'ready', next_try_at = 'infinity', tries = tries + \(Int32(triesMeanwhile))
                WHERE id = ANY(\(ids))
                """)
        }
        worker.send(SIGCONT)
        try await waitUntil("it is not sent again") { try await stack.states(of: ids) == ["delivered": 1] }
        #expect(try await taken() == 1)
        #expect(try await stack.message(ids[0]).parts == 1)
        for child in [server, worker] { try await child.kill() }
    }

    @Test func `NOT-10: is believed at the address with the secret only, and one about nobody changes nothing`()
        async throws
    {
        let stack = try await start()
        let server = try await stack.serve()
        let receipt = #"{"ticket":"d1","event":{"state":"arrived"}}"#
        for key in ["", "?key=wrong"] {
            #expect(try await stack.call(.post, "/webhooks/http/receipts\(key)", receipt, as: nil).status == 401)
        }
        #expect(try await stack.forged("http") == 2)
        let address = "/webhooks/http/receipts?key=secret%20of%20the%20receipts"
        #expect(try await stack.call(.post, address, receipt, as: nil).status == 200)
        #expect(try await stack.call(.post, address, #"{"event":{"state":"arrived"}}"#, as: nil).status == 200)
        try await server.kill()
    }
}

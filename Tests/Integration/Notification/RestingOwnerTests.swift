import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// NOT-11: messages to be written whose owner gives no answer.
@Suite struct `An owner that gives no answer` {
    @Test func `NOT-11: is asked about a few, and the others that wait for it are left as they are and hold up nobody`()
        async throws
    {
        let (payments, invoicing) = (try FreePort.pick(), try FreePort.pick())
        let stack = try await NotificationStack.start([
            "QUITTANCE_PAYMENTS_URL": "http://127.0.0.1:\(payments)",
            "QUITTANCE_INVOICING_URL": "http://127.0.0.1:\(invoicing)",
        ])
        let (count, organisation) = (400, NotificationStack.organisation)
        let behind: MessageID = IdentifierSource.system.make()
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, payment, client, facts, state,
                    next_try_at)
                SELECT gen_random_uuid(), \(organisation), 'payment-reminder', 'sms', 'normal', 'morning/' || number,
                    gen_random_uuid(), gen_random_uuid(), '{}', 'requested', now() - interval '1 hour'
                FROM generate_series(1, \(Int32(count))) AS number
                """)
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, invoice, client, facts, state)
                VALUES (\(behind), \(organisation), 'invoice', 'email', 'normal', 'behind', gen_random_uuid(),
                    gen_random_uuid(), '{}', 'requested')
                """)
        }
        let server = try await stack.serve()
        try await waitUntil("whoever is behind all of them has its turn") {
            try await stack.message(behind).reason == "its recipient could not be asked for"
        }
        let untouched: Int = try await stack.everybody { transaction in
            try transaction.one(
                """
                SELECT count(*) AS count FROM message
                WHERE payment IS NOT NULL AND reason IS NULL AND next_try_at < created_at
                """
            ) { row in try row("count") }
        }
        #expect(untouched > count - 50)
        try await server.kill()
    }
}

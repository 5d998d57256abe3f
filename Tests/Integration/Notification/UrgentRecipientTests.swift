import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// NOT-11: whom a message is for that somebody at the desk waits for.
@Suite struct `The recipient of an urgent message` {
    /// A message to be written about a payment; what is urgent is told of at once.
    private func ask(_ stack: NotificationStack, about payment: PaymentID, lane: String) async throws -> MessageID {
        let id: MessageID = IdentifierSource.system.make()
        let (organisation, clinic) = (NotificationStack.organisation, NotificationStack.clinic)
        let occasion = lane == "urgent" ? "payment-link" : "payment-reminder"
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client,
                    facts, state)
                VALUES (\(id), \(organisation), \(clinic), \(occasion), 'sms', \(lane), \("asked/\(id)"), \(payment),
                    gen_random_uuid(), '{}', 'requested')
                """)
            if lane == "urgent" {
                try transaction.execute("NOTIFY quittance_notification_work, 'urgent-messages'")
            }
        }
        return id
    }

    @Test func `NOT-11: is asked for at once, also just after nobody answered about a morning's reminders`()
        async throws
    {
        let owner = try PlayedRecipients()
        let stack = try await NotificationStack.start(["QUITTANCE_PAYMENTS_URL": owner.url])
        let server = try await stack.serve()
        // The owner hangs up on who asks about these.
        var reminders: [MessageID] = []
        for number in 1...3 {
            let payment = try #require(PaymentID("dead0000-0000-4000-8000-00000000000\(number)"))
            reminders.append(try await ask(stack, about: payment, lane: "normal"))
        }
        let asked = reminders
        try await waitUntil("nobody answered about three in a row") {
            var unanswered = 0
            for id in asked {
                let reason = try await stack.message(id).reason
                unanswered += reason == "its recipient could not be asked for" ? 1 : 0
            }
            return unanswered == asked.count
        }
        let link = try await ask(stack, about: PaymentID(1), lane: "urgent")
        try await waitUntil("it is written") { try await stack.message(link).state == "ready" }
        let wasPutOff = try await stack.everybody { transaction in
            try transaction.one("SELECT next_try_at > created_at AS was FROM message WHERE id = \(link)") { row in
                try row("was") as Bool
            }
        }
        #expect(!wasPutOff, "it waited behind what the reminders made of their owner")
        try await server.kill()
    }
}

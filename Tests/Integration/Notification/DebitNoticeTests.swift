import EventContract
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-4: what becomes of the notices when the provider changes the schedule.
@Suite struct `Notices of debits whose schedule has changed` {
    private struct Notice: Sendable {
        let id: MessageID
        let state: String
        let day: LocalDate
        let reason: String?
    }

    private func notices(_ bench: NotificationBench, about payment: PaymentID) async throws -> [Notice] {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT id, state, local_day, reason FROM reminder
                WHERE payment = \(payment) AND occasion = 'debit-notice' ORDER BY local_day
                """
            ) { row in
                Notice(
                    id: try row("id"), state: try row("state"), day: try row("local_day"), reason: try row("reason"))
            }
        }
    }

    /// A payment in three times, with the days of the two debits that are to come.
    private func accepted(_ bench: NotificationBench) async throws -> (id: PaymentID, due: [LocalDate]) {
        let payment = try await bench.request()
        try await bench.accept(payment)
        try await waitUntil("two notices are planned") { try await notices(bench, about: payment.id).count == 2 }
        return (payment.id, try await notices(bench, about: payment.id).map { $0.day.adding(days: 2) })
    }

    /// The provider says when the debits are now.
    private func change(
        _ bench: NotificationBench, _ payment: PaymentID, to due: [LocalDate],
        at clinic: ClinicID = NotificationStack.clinic, of client: ClientID = ClientID(0xD)
    ) async throws {
        let ids = IdentifierSource.system
        let cause = Cause(
            .job(name: "schedule", run: "\(ids.next())"), organisation: NotificationStack.organisation, actor: "tests",
            correlation: CorrelationID(6))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                ScheduleChangedV1(
                    paymentID: payment, clientID: client,
                    schedule: due.map {
                        ScheduledInstalment(dueOn: $0, amount: .euros(cents: 6_666), customerFee: .zero(.eur))
                    }),
                about: payment, clinic: clinic)
        }
    }

    /// A notice with its words that waits for tomorrow.
    @discardableResult
    private func write(
        _ bench: NotificationBench, about payment: PaymentID, dueOn day: LocalDate,
        as id: MessageID = IdentifierSource.system.make(), once key: String? = nil, of client: ClientID = ClientID(0xD)
    ) async throws -> MessageID {
        try await bench.stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client, facts,
                    state, address, body, next_try_at)
                VALUES (\(id), \(NotificationStack.organisation), \(NotificationStack.clinic), 'debit-notice', 'sms',
                    'normal', \(key ?? id.description), \(payment), \(client), \("{\"day\":\"\(day)\"}"), 'ready',
                    '+33600000000', 'an old sum', now() + interval '1 day')
                """)
        }
        return id
    }

    /// A clinic where it is about this hour, and what day it is there.
    private func openClinic(_ bench: NotificationBench, atHour hour: Int) async throws -> (ClinicID, LocalDate) {
        let (clinic, zone): (ClinicID, String) = (IdentifierSource.system.make(), NotificationStack.zone(atHour: hour))
        let today: LocalDate = try await bench.stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO clinic (id, organisation, time_zone)
                VALUES (\(clinic), \(NotificationStack.organisation), \(zone))
                """)
            return try transaction.one("SELECT (now() AT TIME ZONE \(zone))::date AS day") { row in try row("day") }
        }
        return (clinic, today)
    }

    private func told(
        _ bench: NotificationBench, about payment: PaymentID, _ id: MessageID
    ) async throws -> MessageRow? {
        try await bench.stack.messages(about: payment, occasion: "debit-notice").first { $0.id == id }
    }

    @Test func `NOT-4: those that are written are called off with their debit, and the others say what is true now`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let (payment, due) = try await accepted(bench)
        let gone = try await write(bench, about: payment, dueOn: due[1].adding(days: 40))
        let kept = try await write(bench, about: payment, dueOn: due[0])
        let (clinic, _) = try await openClinic(bench, atHour: 13)
        try await change(bench, payment, to: due, at: clinic)
        try await waitUntil("the one is called off and the other leaves") {
            let (off, left) = (
                try await told(bench, about: payment, gone), try await told(bench, about: payment, kept)
            )
            return off?.state == "called-off" && left?.state == "delivered"
        }
        #expect(try await told(bench, about: payment, gone)?.reason == "the schedule has changed")
        #expect(try await bench.stack.callOffs(of: gone) == ["schedule-changed"])
        let shown = try await bench.stack.sent(kept).first?["shown"].string ?? ""
        #expect(shown.contains("66,66 €"), "\(shown)")
    }

    @Test func `NOT-4: one that was written and called off is told when its debit comes back, with what is true then`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let (payment, due) = try await accepted(bench)
        // Its time had come, and its message waits.
        let first = try await notices(bench, about: payment)[0]
        try await write(bench, about: payment, dueOn: due[0], as: first.id, once: "debit-notice/\(payment)/\(due[0])")
        try await bench.stack.everybody { transaction in
            try transaction.execute("UPDATE reminder SET state = 'released' WHERE id = \(first.id)")
            // Parts its quota had back when it was told of the end.
            try transaction.execute("UPDATE message SET reserved_parts = 1, taken_parts = 2 WHERE id = \(first.id)")
        }
        try await change(bench, payment, to: [due[1]])
        try await waitUntil("it is called off") {
            try await told(bench, about: payment, first.id)?.state == "called-off"
        }
        try await change(bench, payment, to: due)
        try await waitUntil("it is wanted again") {
            try await told(bench, about: payment, first.id)?.state == "requested"
        }
        let plannedAt = try await bench.stack.everybody { transaction in
            try transaction.one(
                """
                SELECT (due_at AT TIME ZONE 'Europe/Paris')::date || ' ' || (next_try_at = due_at) || ' ' || is_counted
                    || ' ' || reserved_parts + taken_parts AS planned FROM message WHERE id = \(first.id)
                """
            ) { row in try row("planned") as String }
        }
        #expect(plannedAt == "\(first.day) true false 0", "it is told when the notice should be, and counted then")
        try await bench.stack.ring([first.id])
        try await bench.stack.message(about: payment, occasion: "debit-notice", until: "delivered")
        let shown = try await bench.stack.sent(first.id).first?["shown"].string ?? ""
        #expect(shown.contains("66,66 €"), "\(shown)")
        #expect(try await notices(bench, about: payment).map(\.state) == ["released", "planned"])
        let events = try await bench.stack.events(of: first.id)
        #expect(events == ["message-called-off", "message-sent", "message-delivered"])
    }

    @Test func `NOT-4: one nobody knows the outcome of can be sent again when its debit went and came back`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let (payment, due) = try await accepted(bench)
        let first = try await notices(bench, about: payment)[0]
        try await write(bench, about: payment, dueOn: due[0], as: first.id)
        try await bench.stack.everybody { transaction in
            try transaction.execute("UPDATE reminder SET state = 'released' WHERE id = \(first.id)")
            try transaction.execute("UPDATE message SET state = 'uncertain', tries = 1 WHERE id = \(first.id)")
        }
        func isWanted() async throws -> Bool {
            try await bench.stack.everybody { transaction in
                try transaction.one("SELECT is_wanted FROM message WHERE id = \(first.id)") { row in
                    try row("is_wanted")
                }
            }
        }
        try await change(bench, payment, to: [due[1]])
        try await waitUntil("it is given up") { try await !isWanted() }
        try await change(bench, payment, to: due)
        try await waitUntil("it is wanted again") { try await isWanted() }
        let settled = try await bench.stack.call(
            .post, "/v1/messages/\(first.id)/settle", #"{"finding":"send-again"}"#)
        #expect(settled.status == 200)
        try await bench.stack.message(about: payment, occasion: "debit-notice", until: "delivered")
        #expect(try await bench.stack.sent(first.id).count == 1)
    }

    /// Has a client's turn, and forgets the client as soon as somebody waits for it.
    private func forget(_ client: ClientID, in stack: NotificationStack) async -> Task<Void, any Error> {
        let turn: SQL = "SELECT pg_advisory_xact_lock(hashtext('known-client'), hashtext(\(client.description)))"
        return await stack.lock(turn) { transaction in
            try transaction.execute(
                """
                INSERT INTO forgotten_client (organisation, client)
                VALUES (\(NotificationStack.organisation), \(client))
                """)
        }
    }

    @Test func `GEN-7: one that was called off stays that when its client is forgotten just then`() async throws {
        let bench = try await NotificationBench.shared()
        let (payment, due) = try await accepted(bench)
        let client: ClientID = IdentifierSource.system.make()
        let gone = try await write(bench, about: payment, dueOn: due[0], of: client)
        try await bench.stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET state = 'called-off', reason = 'the schedule has changed' WHERE id = \(gone)")
        }
        let forgotten = await forget(client, in: bench.stack)
        try await change(bench, payment, to: due + [due[1].adding(days: 40)], of: client)
        // The schedule waits until then.
        try await forgotten.value
        try await waitUntil("it is taken in") { try await notices(bench, about: payment).count == 3 }
        #expect(try await told(bench, about: payment, gone)?.state == "called-off")
    }

    @Test func `NOT-4: one that is heard of late in the evening wakes nobody and is told the next morning`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await accepted(bench).id
        let (clinic, today) = try await openClinic(bench, atHour: 22)
        let waiting = try await write(bench, about: payment, dueOn: today.adding(days: 1))
        try await change(bench, payment, to: [today.adding(days: 1), today.adding(days: 2)], at: clinic)
        func planned() async throws -> [String] {
            try await bench.stack.everybody { transaction in
                try transaction.query(
                    """
                    SELECT local_day - \(today)::date || ' ' || local_minutes || ' ' || late_on - \(today)::date AS told
                    FROM reminder WHERE payment = \(payment) AND state IN ('planned', 'released') ORDER BY late_on, facts
                    """
                ) { row in try row("told") }
            }
        }
        try await waitUntil("both are planned, and the others called off") {
            let known = try await (planned().count, notices(bench, about: payment).count)
            return known == (2, 4)
        }
        #expect(try await planned() == ["1 480 2", "1 480 2"])
        // Nor does what waits to be written anew.
        #expect(try await told(bench, about: payment, waiting)?.state == "requested")
        let moment = try await bench.stack.everybody { transaction in
            try transaction.one(
                """
                SELECT (next_try_at AT TIME ZONE time_zone)::date - \(today)::date || ' '
                    || (next_try_at AT TIME ZONE time_zone)::time AS moment
                FROM message, clinic WHERE message.id = \(waiting) AND clinic.id = \(clinic)
                """
            ) { row in try row("moment") as String }
        }
        #expect(moment == "1 08:00:00")
    }

    @Test func `NOT-4: one a person called off does not come back, and a debit of tomorrow is told today`() async throws
    {
        let bench = try await NotificationBench.shared()
        let (payment, due) = try await accepted(bench)
        let first = try await notices(bench, about: payment)[0]
        let answer = try await bench.stack.call(
            .delete, "/v1/reminders/\(first.id)", headers: [("If-Match", "\"v1\"")])
        #expect(answer.isSuccess)
        // Nobody is told before eight in the morning.
        let (clinic, today) = try await openClinic(bench, atHour: 13)
        try await change(bench, payment, to: [due[0], today.adding(days: 1)], at: clinic)
        try await waitUntil("the debit of tomorrow is told today") {
            try await notices(bench, about: payment).contains { $0.day == today && $0.state == "released" }
        }
        let others = try await notices(bench, about: payment).filter { $0.day != today }
        #expect(others.map(\.state) == ["called-off", "called-off"])
        #expect(others.map(\.reason) == ["called off by a person", "the schedule has changed"])
    }
}

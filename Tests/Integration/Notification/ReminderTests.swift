import EventContract
import HTTPClient
import HTTPServer
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-3, NOT-4, C-09, C-10: what leaves on a day to come.
@Suite struct `Reminders` {
    /// Where a clinic is, its wall clock, and the instant that is.
    private static let walls: [(zone: String, day: String, minutes: Int, instant: String)] = [
        ("Europe/Paris", "2026-03-28", 480, "2026-03-28T07:00:00Z"),
        // The clocks go forward in the night, and back in October.
        ("Europe/Paris", "2026-03-29", 480, "2026-03-29T06:00:00Z"),
        ("Europe/Paris", "2026-10-25", 480, "2026-10-25T07:00:00Z"),
        // A time that does not exist, and one that exists twice.
        ("Europe/Paris", "2026-03-29", 150, "2026-03-29T01:30:00Z"),
        ("Europe/Paris", "2026-10-25", 150, "2026-10-25T01:30:00Z"),
        // Overseas, where the day is another one than in UTC.
        ("Indian/Reunion", "2026-03-29", 480, "2026-03-29T04:00:00Z"),
        ("America/Martinique", "2026-10-25", 480, "2026-10-25T12:00:00Z"),
        ("Pacific/Noumea", "2026-11-01", 480, "2026-10-31T21:00:00Z"),
        ("Pacific/Tahiti", "2026-11-01", 1_380, "2026-11-02T09:00:00Z"),
        ("America/Miquelon", "2026-03-08", 480, "2026-03-08T10:00:00Z"),
        ("Europe/Paris", "2028-02-29", 480, "2028-02-29T07:00:00Z"),
    ]

    @Test func `C-09: are due exactly when the clinic's wall says so, on clock-change days, leap days and overseas`()
        async throws
    {
        let stack = try await NotificationStack.start()
        let ids = IdentifierSource.system
        for wall in Self.walls {
            let (clinic, reminder): (ClinicID, MessageID) = (ids.make(), ids.make())
            let day = try #require(LocalDate(wall.day))
            try await stack.everybody { transaction in
                try transaction.execute(
                    """
                    INSERT INTO clinic (id, organisation, time_zone)
                    VALUES (\(clinic), \(NotificationStack.organisation), \(wall.zone))
                    """)
                try transaction.execute(
                    """
                    INSERT INTO reminder (id, organisation, clinic, client, payment, occasion, dedup_key, facts, state,
                        local_day, local_minutes, late_on, planned_by)
                    VALUES (\(reminder), \(NotificationStack.organisation), \(clinic), \(clinic), \(clinic),
                        'payment-reminder', \(reminder.description), '{}', 'planned', \(day), \(Int32(wall.minutes)),
                        \(day.adding(days: 2)), 'tests')
                    """)
            }
            let instant = try #require(Instant(wall.instant))
            for (moment, isDue) in [(instant.adding(.milliseconds(-1)), false), (instant, true)] {
                let due = try await stack.database.read(organisation: nil) { transaction in
                    try ReminderStore().due(at: moment, 1_000, &transaction).map(\.id)
                }
                #expect(due.contains(reminder) == isDue, "\(wall) at \(moment)")
            }
            try await stack.everybody { transaction in
                try transaction.execute("UPDATE reminder SET state = 'called-off' WHERE id = \(reminder)")
            }
        }
    }

    private func plan(_ bench: NotificationBench, _ payment: PaymentID, _ day: String) async throws -> HTTPResponse {
        try await bench.stack.call(.post, "/v1/reminders", #"{"paymentID":"\#(payment)","day":"\#(day)"}"#)
    }

    private func state(_ bench: NotificationBench, _ id: String) async throws -> String? {
        try await bench.stack.call(.get, "/v1/reminders/\(id)").json["state"]?.text
    }

    /// What the clinic's wall shows.
    private func wallNow(_ bench: NotificationBench) async throws -> (day: String, time: String) {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT to_char(now() AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD') AS day,
                    to_char(now() AT TIME ZONE 'Europe/Paris', 'HH24:MI') AS time
                """
            ) { row in (day: try row("day") as String, time: try row("time") as String) }
        }
    }

    @Test func `NOT-3: for a day or a time that has passed are refused with the field, planned and moved`() async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let past = try await plan(bench, payment.id, "2026-01-01")
        #expect(past.status == 422 && past.json["errors"]?.elements?.first?["pointer"]?.text == "/day")
        let planned = try await plan(bench, payment.id, "2999-07-01")
        #expect(planned.json["dueAt"]?.text?.hasPrefix("2999-07-01T06:00:00") == true, "\(planned.json)")
        #expect(planned.json["timeZone"]?.text == "Europe/Paris")
        let id = try #require(planned.json["id"]?.text)
        let shown = try await bench.stack.call(.get, "/v1/reminders/\(id)").json
        #expect(shown["dueAt"] == planned.json["dueAt"] && shown["timeZone"] == planned.json["timeZone"])
        let moved = try await bench.stack.call(
            .put, "/v1/reminders/\(id)", #"{"day":"2026-01-01"}"#, headers: [("If-Match", "\"v1\"")])
        #expect(moved.status == 422 && moved.json["errors"]?.elements?.first?["pointer"]?.text == "/day")
    }

    @Test func `NOT-3: of a payment that has ended are refused, and the answer says how it ended`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        try await bench.accept(payment)
        try await waitUntil("the end is known") {
            try await !bench.stack.messages(about: payment.id, occasion: "payment-accepted").isEmpty
        }
        let refused = try await plan(bench, payment.id, "2999-01-01")
        #expect(refused.status == 409 && refused.json["detail"]?.text == "The payment is accepted.", "\(refused.json)")
    }

    @Test func `NOT-3: are planned, moved to now, and leave once under their own id`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let planned = try await plan(bench, payment.id, "2999-01-01")
        let id = try #require(planned.json["id"]?.text)
        #expect(planned.status == 201 && planned.json["time"]?.text == "08:00")
        let path = "/v1/reminders/\(id)"
        let now = try await wallNow(bench)
        let move = #"{"day":"\#(now.day)","time":"\#(now.time)"}"#
        #expect(try await bench.stack.call(.put, path, move).status == 428)
        let moved = try await bench.stack.call(.put, path, move, headers: [("If-Match", "\"v1\"")])
        #expect(moved.status == 200)
        let message = try await bench.stack.message(
            about: payment.id, occasion: "payment-reminder", until: "delivered")
        #expect(message.id.description == id)
        #expect(try await bench.stack.sent(message.id).first?["shown"].string.contains(payment.token) == true)
        #expect(try await state(bench, id) == "released")
        let late = try await bench.stack.call(.delete, path, headers: [("If-Match", "\"v3\"")])
        #expect(late.status == 409)
        try await bench.goOn()
        #expect(try await bench.stack.sent(message.id).count == 1)
    }

    @Test func `NOT-3: are planned for a payment whose link the desk shared, and called off with it`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(toShare: true)
        var planned = try await plan(bench, payment.id, "2999-01-01")
        try await waitUntil("the payment is known") {
            if planned.status == 404 { planned = try await plan(bench, payment.id, "2999-01-01") }
            return planned.status == 201
        }
        let id = try #require(planned.json["id"]?.text)
        try await bench.cancel(payment)
        try await waitUntil("it is called off") { try await state(bench, id) == "called-off" }
    }

    @Test(arguments: ["person", "paid", "cancelled"])
    func `NOT-3, C-10: are called off by a person, and by the end of their payment`(how: String) async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let id = try #require(try await plan(bench, payment.id, "2999-01-01").json["id"]?.text)
        switch how {
        case "person":
            let answer = try await bench.stack.call(
                .delete, "/v1/reminders/\(id)", headers: [("If-Match", "\"v1\"")])
            #expect(answer.json["reason"]?.text == "called off by a person")
            let french = try await bench.stack.call(
                .get, "/v1/reminders/\(id)", headers: [("Accept-Language", "fr")])
            #expect(french.json["reason"]?.text == "annulé par une personne", "GEN-5")
        case "paid": try await bench.accept(payment)
        default: try await bench.cancel(payment)
        }
        try await waitUntil("it is called off") { try await state(bench, id) == "called-off" }
    }

    /// Somebody of the directory.
    private func enter(_ bench: NotificationBench, _ phone: String) async throws -> String {
        let writer = NotificationStack.principal(scopes: ["contacts:read", "contacts:write"])
        let answer = try await bench.stack.call(
            .post, "/v1/contacts", #"{"lastName":"Petit","phone":"\#(phone)"}"#, as: writer)
        guard let id = answer.json["id"]?.text else {
            throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self))
        }
        return id
    }

    @Test func `NOT-3: leave to others of the directory too, once each, but not to who left it or is the client`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let phones = (0..<2).map { _ in CampaignBench.randomPhone() } + [payment.recipient.phone]
        var people: [String] = []
        for phone in phones { people.append(try await enter(bench, phone)) }
        let named = people.map { "\"\($0)\"" }.joined(separator: ",")
        let planned = try await bench.stack.call(
            .post, "/v1/reminders",
            #"{"paymentID":"\#(payment.id)","day":"2999-01-01","contactIDs":[\#(named)]}"#)
        #expect(planned.status == 201 && planned.json["contactIDs"]?.elements?.compactMap(\.text) == people)
        let writer = NotificationStack.principal(scopes: ["contacts:read", "contacts:write"])
        let left = try await bench.stack.call(
            .delete, "/v1/contacts/\(people[1])", as: writer, headers: [("If-Match", "\"v1\"")])
        #expect(left.status == 204)
        let id = try #require(planned.json["id"]?.text)
        let now = try await wallNow(bench)
        let moved = try await bench.stack.call(
            .put, "/v1/reminders/\(id)", #"{"day":"\#(now.day)","time":"\#(now.time)","contactIDs":[\#(named)]}"#,
            headers: [("If-Match", "\"v1\"")])
        #expect(moved.status == 200)
        var told: [MessageRow] = []
        try await waitUntil("the client and one other have it") {
            told = try await bench.stack.messages(about: payment.id, occasion: "payment-reminder")
            return told.map(\.state).sorted() == ["called-off", "delivered", "delivered"]
        }
        #expect(told.first { $0.state == "called-off" }?.reason == "no longer wanted", "the client hears of it once")
        var taken: [[SandboxJSON]] = []
        for phone in phones {
            taken.append(try await bench.stack.sandbox.control(.get, "/sms/messages?to=\(phone.dropFirst())").list)
        }
        #expect(taken.map(\.count) == [1, 0, 2], "the client has the link and the reminder")
        #expect(taken[0].first?["shown"].string.contains(payment.token) == true)
    }

    @Test func `NOT-3: that are moved keep their time and whom they named, unless the move says otherwise`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let somebody = try await enter(bench, CampaignBench.randomPhone())
        let planned = try await bench.stack.call(
            .post, "/v1/reminders",
            #"{"paymentID":"\#(payment.id)","day":"2999-01-01","time":"17:30","contactIDs":["\#(somebody)"]}"#)
        let id = try #require(planned.json["id"]?.text)
        let moves: [(version: Int, more: String, time: String, named: [String])] = [
            (1, "", "17:30", [somebody]), (2, #","contactIDs":[]"#, "17:30", []), (3, #","time":"08:00""#, "08:00", []),
        ]
        for (version, more, time, named) in moves {
            let moved = try await bench.stack.call(
                .put, "/v1/reminders/\(id)", #"{"day":"2999-01-02"\#(more)}"#,
                headers: [("If-Match", "\"v\(version)\"")])
            #expect(moved.status == 200 && moved.json["contactIDs"]?.elements?.compactMap(\.text) == named)
            #expect(moved.json["time"]?.text == time)
        }
    }

    @Test func `NOT-3: for somebody who is not in the directory, or of another organisation's, are refused`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let others = NotificationStack.principal(OrganisationID(0xB), scopes: ["contacts:write"])
        let foreign = try await bench.stack.call(
            .post, "/v1/contacts", #"{"lastName":"Petit","phone":"\#(CampaignBench.randomPhone())"}"#, as: others)
        let nobody: ContactID = IdentifierSource.system.make()
        for id in [nobody.description, try #require(foreign.json["id"]?.text), try await enter(bench, "+33142000000")] {
            let answer = try await bench.stack.call(
                .post, "/v1/reminders", #"{"paymentID":"\#(payment.id)","day":"2999-01-01","contactIDs":["\#(id)"]}"#)
            #expect(answer.status == 422 && answer.json["errors"]?.elements?.first?["pointer"]?.text == "/contactIDs")
        }
    }

    @Test func `GEN-1: are seen and planned by nobody else`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        let id = try #require(try await plan(bench, payment.id, "2999-01-01").json["id"]?.text)
        let stranger = NotificationStack.principal(OrganisationID(0xB))
        #expect(try await bench.stack.call(.get, "/v1/reminders/\(id)", as: stranger).status == 404)
        let body = #"{"paymentID":"\#(payment.id)","day":"2999-01-01"}"#
        #expect(try await bench.stack.call(.post, "/v1/reminders", body, as: stranger).status == 404)
        #expect(try await bench.stack.call(.delete, "/v1/reminders/\(id)", as: stranger).status == 404)
    }

    private struct Notice: Sendable {
        let id: MessageID
        let state: String
        let day: LocalDate
    }

    private func notices(_ bench: NotificationBench, about payment: PaymentID) async throws -> [Notice] {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT id, state, local_day FROM reminder
                WHERE payment = \(payment) AND occasion = 'debit-notice' ORDER BY local_day
                """
            ) { row in Notice(id: try row("id"), state: try row("state"), day: try row("local_day")) }
        }
    }

    @Test func `NOT-4: the client is told of each debit two days before, once, with the sum of that day`() async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.accept(payment)
        // Three times: the first is taken at once, two are to come.
        try await waitUntil("two notices are planned") { try await notices(bench, about: payment.id).count == 2 }
        let first = try await notices(bench, about: payment.id)[0]
        #expect(first.state == "planned")
        try await bench.stack.everybody { transaction in
            try transaction.execute("UPDATE reminder SET local_day = '2026-01-01' WHERE id = \(first.id)")
        }
        let message = try await bench.stack.message(about: payment.id, occasion: "debit-notice", until: "delivered")
        #expect(message.id == first.id)
        let shown = try await bench.stack.sent(message.id).first?["shown"].string ?? ""
        #expect(shown.contains("66,66 €") && shown.contains("seront prélevés le"), "\(shown)")
        #expect(try await notices(bench, about: payment.id).map(\.state) == ["released", "planned"])
    }

    @Test func `NOT-4, C-10: notices follow the schedule, and one whose debit is gone is not sent`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.accept(payment)
        try await waitUntil("two notices are planned") { try await notices(bench, about: payment.id).count == 2 }
        let second = try await notices(bench, about: payment.id)[1]
        // The day of a debit nobody knows of: asked again when the notice is written, there is none.
        try await bench.stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE reminder SET local_day = '2026-01-01', facts = '{"day":"2999-01-01"}' WHERE id = \(second.id)
                """)
        }
        let message = try await bench.stack.message(about: payment.id, occasion: "debit-notice", until: "called-off")
        #expect(message.reason == "no longer wanted")
        let refund = try await bench.payments(
            .post, "/v1/payments/\(payment.id)/refunds", "{}")
        guard refund.isSuccess else { throw BenchFailure(text: String(decoding: refund.body, as: UTF8.self)) }
        try await waitUntil("nothing is planned any more") {
            try await notices(bench, about: payment.id).map(\.state) == ["released", "called-off"]
        }
    }

    @Test func `NOT-4: a schedule the provider changed moves the notices, and none of them is told twice`() async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        try await bench.accept(payment)
        try await waitUntil("two notices are planned") { try await notices(bench, about: payment.id).count == 2 }
        let days = try await notices(bench, about: payment.id).map(\.day)
        // The first debit stays, the second comes ten days later.
        let due = [days[0].adding(days: 2), days[1].adding(days: 12)]
        let cause = Cause(
            .job(name: "schedule", run: "\(payment.id)"), organisation: NotificationStack.organisation, actor: "tests",
            correlation: CorrelationID(6))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                ScheduleChangedV1(
                    paymentID: payment.id, clientID: ClientID(0xD),
                    schedule: due.map {
                        ScheduledInstalment(dueOn: $0, amount: .euros(cents: 6_666), customerFee: .zero(.eur))
                    }),
                about: payment.id, clinic: NotificationStack.clinic)
        }
        try await waitUntil("the second has moved") {
            try await notices(bench, about: payment.id).map(\.state).sorted() == ["called-off", "planned", "planned"]
        }
        let planned = try await notices(bench, about: payment.id).filter { $0.state == "planned" }
        #expect(planned.map(\.day) == [days[0], days[1].adding(days: 10)])
    }
}

import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-3, NOT-9: by which wall clock an organisation's clinics go.
@Suite struct `The clock of a clinic` {
    /// Says how the organisation sends; everything but the region is as usual.
    private func move(_ bench: CampaignBench, to region: HolidayRegion, seen version: Int64) async throws {
        try await bench.done(.put, "/v1/sending-policy", #"{"region":"\#(region.rawValue)"}"#, seen: version)
    }

    /// Its zone, and whether somebody said it.
    private func zone(_ bench: CampaignBench, _ clinic: ClinicID) async throws -> String {
        let answer = try await bench.done(.get, "/v1/clinics/\(clinic)/time-zone").json
        return "\(answer["timeZone"]?.text ?? "")\(answer["isOwn"] == .bool(true) ? ", own" : "")"
    }

    @Test func `NOT-3, NOT-9: follows its region, or its organisation's, and where somebody said its zone that alone`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let (said, other): (ClinicID, ClinicID) = (bench.clinic, IdentifierSource.system.make())
        let (zonePath, regionPath) = ("/v1/clinics/\(said)/time-zone", "/v1/clinics/\(other)/holiday-region")
        #expect(try await zone(bench, other) == "Europe/Paris")
        try await move(bench, to: .reunion, seen: 0)
        #expect(try await zone(bench, other) == "Indian/Reunion")
        try await bench.done(.put, zonePath, #"{"timeZone":"Europe/Zurich"}"#)
        for (region, there) in [("guadeloupe", "America/Guadeloupe"), ("martinique", "America/Martinique")] {
            try await bench.done(.put, regionPath, #"{"region":"\#(region)"}"#)
            #expect(try await zone(bench, other) == there)
        }
        try await bench.done(.put, regionPath, "{}")
        #expect(try await zone(bench, other) == "Indian/Reunion")
        try await move(bench, to: .newCaledonia, seen: 1)
        #expect(try await zone(bench, other) == "Pacific/Noumea")
        #expect(try await zone(bench, said) == "Europe/Zurich, own")
        try await bench.done(.put, zonePath, "{}")
        #expect(try await zone(bench, said) == "Pacific/Noumea")
    }

    @Test func `NOT-3, C-09: what is planned there is due by it, also where no clinic is named`() async throws {
        let bench = try await CampaignBench.shared()
        let ids = IdentifierSource.system
        let clinic: ClinicID = ids.make()
        let planned: [(reminder: MessageID, clinic: ClinicID?)] = [(ids.make(), clinic), (ids.make(), nil)]
        let (organisation, day) = (bench.organisation, try #require(LocalDate("2999-07-01")))
        try await bench.everybody { transaction in
            for (reminder, clinic) in planned {
                try transaction.execute(
                    """
                    INSERT INTO reminder (id, organisation, clinic, client, payment, occasion, dedup_key, facts, state,
                        local_day, local_minutes, late_on, planned_by)
                    VALUES (\(reminder), \(organisation), \(clinic), gen_random_uuid(), gen_random_uuid(),
                        'payment-reminder', \(reminder.description), '{}', 'planned', \(day), 480,
                        \(day.adding(days: 2)), 'tests')
                    """)
            }
        }
        let moves: [(to: HolidayRegion?, instant: String)] = [
            (nil, "2999-07-01T06:00:00Z"), (.reunion, "2999-07-01T04:00:00Z"), (.newCaledonia, "2999-06-30T21:00:00Z"),
        ]
        for (version, move) in moves.enumerated() {
            if let region = move.to { try await self.move(bench, to: region, seen: Int64(version) - 1) }
            let instant = try #require(Instant(move.instant))
            for (moment, isDue) in [(instant.adding(.milliseconds(-1)), false), (instant, true)] {
                let due = try await bench.stack.database.read(organisation: organisation) { transaction in
                    try ReminderStore().due(at: moment, 1_000, &transaction).map(\.id)
                }
                #expect(Set(due) == Set(isDue ? planned.map(\.reminder) : []), "\(move) at \(moment)")
            }
        }
    }

    @Test func `NOT-6: a campaign of no clinic is planned by it`() async throws {
        let bench = try await CampaignBench.shared()
        // In Paris still to come, and in Nouméa hours ago.
        let wall: String = try await bench.stack.everybody { transaction in
            try transaction.one(
                """
                SELECT format('"day":"%s","time":"%s"', to_char(later, 'YYYY-MM-DD'), to_char(later, 'HH24:MI')) AS wall
                FROM (SELECT now() AT TIME ZONE 'Europe/Paris' + interval '5 hours' AS later) AS there
                """
            ) { row in try row("wall") }
        }
        let campaign = #"{"name":"Mars","sender":"LesLilas","body":"y","groups":["a"],\#(wall)}"#
        #expect(try await bench.call(.post, "/v1/campaigns", campaign).status == 201)
        try await move(bench, to: .newCaledonia, seen: 0)
        #expect(try await bench.call(.post, "/v1/campaigns", campaign).status == 422)
    }

    @Test func `NOT-5: numbers are read as they are dialled there`() async throws {
        let bench = try await CampaignBench.shared()
        try await move(bench, to: .reunion, seen: 0)
        for clinic in ["", #","clinicID":"\#(bench.clinic)""#] {
            let digits = "692\(UInt32.random(in: 100_000...999_999))"
            let entry = #"{"lastName":"A","phone":"0\#(digits)"\#(clinic)}"#
            let added = try await bench.done(.post, "/v1/contacts", entry).json
            #expect(added["phone"]?.text == "+262\(digits)", "\(added)")
        }
    }
}

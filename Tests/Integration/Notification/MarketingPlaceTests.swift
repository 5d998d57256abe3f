import Foundation
import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// NOT-9, C-12: marketing keeps to the hours of the place where it arrives.
@Suite struct `Marketing in several places` {
    /// Starts a campaign of no clinic; its id.
    private func campaign(_ bench: CampaignBench, _ recipients: String) async throws -> CampaignID {
        let answer = try await bench.done(
            .post, "/v1/campaigns", #"{"name":"Mars","sender":"LesLilas","body":"Vaccins: -20%",\#(recipients)}"#)
        let id = try #require(answer.json["id"]?.text.flatMap { CampaignID($0) })
        #expect(try await bench.steer(id, "start").status == 200)
        return id
    }

    @Test func `NOT-9, C-12: a campaign of no clinic keeps to the hours of each contact's clinic`() async throws {
        let bench = try await CampaignBench.shared()
        let phones = try await bench.enter(2, in: "all")
        let night = NotificationStack.zone(atHour: 2)
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"\#(night)"}"#)
        let id = try await campaign(bench, #""groups":["all"]"#)
        try await waitUntil("both are held, whatever time it is in Paris") {
            try await bench.held(phones).count == phones.count
        }
        try await bench.openHours()
        try await bench.stack.ring(try await bench.held(phones))
        try await bench.waitUntilOver(id)
        #expect(try await bench.sendings(to: phones) == [phones[0]: 1, phones[1]: 1])
    }

    @Test func `NOT-9, C-12: a number beside the directory is sent to in the hours of where it shows that it is`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        // Mobile numbers of territories far from each other: at any hour some are in their day, others in their night.
        let territories = [("+68987", 6, -10), ("+590690", 6, -4), ("+262692", 6, 4), ("+68775", 4, 11)]
        let hour = Int(TimeSource.system.now().microsecondsSince1970 / 3_600_000_000 % 24)
        var (day, night): ([String], [String]) = ([], [])
        for (prefix, digits, ahead) in territories {
            let most = digits == 6 ? 999_999 : 9_999
            let phone = prefix + String(Int.random(in: most / 10 + 1...most))
            switch (hour + ahead + 24) % 24 {
            // An hour may strike while the test runs.
            case 9..<19: day.append(phone)
            case 21..<24, 0..<7: night.append(phone)
            default: continue
            }
            try await bench.consent(phone)
        }
        try #require(!day.isEmpty && !night.isEmpty)
        let phones = (day + night).map { "\"\($0)\"" }.joined(separator: ",")
        _ = try await campaign(bench, #""phones":[\#(phones)]"#)
        let (open, closed) = (day, night)
        try await waitUntil("those in their day have it") {
            try await bench.sendings(to: open).count == open.count
        }
        try await waitUntil("the others are held") { try await bench.held(closed).count == closed.count }
        #expect(try await bench.sendings(to: closed).isEmpty)
    }

    /// A message of marketing of a clinic to somebody who agreed, which is due.
    private func advert(_ stack: NotificationStack, of clinic: ClinicID) async throws -> MessageID {
        let id = try #require(try await stack.seed(1, lane: "bulk", by: "held").first)
        let phone = NotificationStack.phone(id)
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
                VALUES (gen_random_uuid(), \(NotificationStack.organisation), 'sms', \(phone), 'given', 'form',
                    now() - interval '1 day', 'tests')
                """)
            try transaction.execute(
                """
                UPDATE message SET purpose = 'marketing', route = 'smsfactor', clinic = \(clinic), next_try_at = now()
                WHERE id = \(id)
                """)
        }
        return id
    }

    @Test func `NOT-9: on Saint Stephen's day a chain's clinic in Strasbourg is quiet, and not the one in Paris`()
        async throws
    {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": "2026-12-26",
        ])
        let processes = [try await stack.serve(), try stack.work()]
        let manager = NotificationStack.principal(scopes: ["policy:read", "policy:write"])
        let (strasbourg, paris) = (ClinicID(0x57), ClinicID(0x75))
        for clinic in [strasbourg, paris] {
            let zone = #"{"timeZone":"\#(NotificationStack.zone(atHour: 13))"}"#
            let put = try await stack.call(.put, "/v1/clinics/\(clinic)/time-zone", zone, as: manager)
            #expect(put.status == 204)
        }
        let path = "/v1/clinics/\(strasbourg)/holiday-region"
        #expect(try await stack.call(.put, path, #"{"region":"strasbourg"}"#, as: manager).status == 422)
        #expect(try await stack.call(.put, path, #"{"region":"alsace-moselle"}"#, as: manager).status == 204)
        let shown = try await stack.call(.get, path, as: manager).json
        #expect(shown["region"]?.text == "alsace-moselle" && shown["isOwn"] == .bool(true))
        let other = try await stack.call(.get, "/v1/clinics/\(paris)/holiday-region", as: manager).json
        #expect(other["region"]?.text == "mainland" && other["isOwn"] == .bool(false))

        let (quiet, open) = (try await advert(stack, of: strasbourg), try await advert(stack, of: paris))
        try await waitUntil("the one leaves") { try await stack.sent(open).count == 1 }
        try await waitUntil("the other is held") {
            try await stack.message(quiet).reason == "held until it may be sent"
        }
        // As before: the organisation's, which has no holiday that day.
        #expect(try await stack.call(.put, path, "{}", as: manager).status == 204)
        try await stack.ring([quiet])
        try await waitUntil("it leaves too") { try await stack.sent(quiet).count == 1 }
        for process in processes { try await process.kill() }
    }

    /// A region where it is day now and one where it is night: no clock but theirs is right about both, at any hour.
    private func regions(_ stack: NotificationStack) async throws -> (day: HolidayRegion, night: HolidayRegion) {
        let hours: [(region: HolidayRegion, hour: Int)] = try await stack.everybody { transaction in
            try HolidayRegion.allCases.map { region in
                let hour: Int = try transaction.one(
                    "SELECT extract(hour FROM now() AT TIME ZONE \(region.timeZone))::int8 AS hour"
                ) { row in try row("hour") }
                return (region: region, hour: hour)
            }
        }
        // An hour may strike while the test runs.
        let (day, night) = (hours.first { (9..<19).contains($0.hour) }, hours.first { !(7..<21).contains($0.hour) })
        return (try #require(day?.region), try #require(night?.region))
    }

    @Test func `NOT-9, C-12: a clinic nobody said a zone of goes by the clock of its organisation's region`()
        async throws
    {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
        ])
        let processes = [try await stack.serve(), try stack.work()]
        let (day, night) = try await regions(stack)
        let manager = NotificationStack.principal(scopes: ["policy:read", "policy:write"])
        for (version, region) in [night, day].enumerated() {
            let kept = try await stack.call(
                .put, "/v1/sending-policy", #"{"region":"\#(region.rawValue)"}"#, as: manager,
                headers: [("If-Match", "\"v\(version)\"")])
            #expect(kept.status == 200)
            let id = try await advert(stack, of: IdentifierSource.system.make())
            if region == day {
                try await waitUntil("it leaves, since it is day there (\(region))") {
                    try await stack.sent(id).count == 1
                }
            } else {
                try await waitUntil("it is held, since it is night there (\(region))") {
                    try await stack.message(id).reason == "held until it may be sent"
                }
                #expect(try await stack.sent(id).isEmpty)
            }
        }
        for process in processes { try await process.kill() }
    }

    @Test func `NOT-3, NOT-9: a clinic whose region alone is known goes by the clock of that region`() async throws {
        let bench = try await CampaignBench.shared()
        for region in HolidayRegion.allCases {
            let clinic: ClinicID = IdentifierSource.system.make()
            try await bench.done(
                .put, "/v1/clinics/\(clinic)/holiday-region", #"{"region":"\#(region.rawValue)"}"#)
            let zone = try await bench.done(.get, "/v1/clinics/\(clinic)/time-zone").json["timeZone"]?.text
            #expect(zone == region.timeZone)
            // Whoever says the zone too says one the database knows.
            try await bench.done(.put, "/v1/clinics/\(clinic)/time-zone", #"{"timeZone":"\#(region.timeZone)"}"#)
            let kept = try await bench.done(.get, "/v1/clinics/\(clinic)/holiday-region").json["region"]?.text
            #expect(kept == region.rawValue)
        }
    }
}

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

    /// How many messages to these numbers are held, and which they are.
    private func held(_ bench: CampaignBench, _ phones: [String]) async throws -> [MessageID] {
        try await bench.stack.everybody { transaction in
            try transaction.query(
                """
                SELECT id FROM message WHERE address = ANY(\(phones)) AND state = 'ready'
                    AND reason = 'held until it may be sent'
                """
            ) { row in try row("id") as MessageID }
        }
    }

    @Test func `NOT-9, C-12: a campaign of no clinic keeps to the hours of each contact's clinic`() async throws {
        let bench = try await CampaignBench.shared()
        let phones = try await bench.enter(2, in: "all")
        let night = NotificationStack.zone(atHour: 2)
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"\#(night)"}"#)
        let id = try await campaign(bench, #""groups":["all"]"#)
        try await waitUntil("both are held, whatever time it is in Paris") {
            try await held(bench, phones).count == phones.count
        }
        try await bench.openHours()
        try await bench.stack.ring(try await held(bench, phones))
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
        try await waitUntil("the others are held") { try await held(bench, closed).count == closed.count }
        #expect(try await bench.sendings(to: closed).isEmpty)
    }
}

import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `The simulated bank` {
    /// A merchant with two payments and a refund, and the day closed.
    private func close(_ more: String = "") async throws -> (merchant: Merchant, day: SandboxJSON) {
        let merchant = try await Merchant.start(["--seed", "11"])
        let first = try await merchant.acceptedPayment(12_990)
        _ = try await merchant.acceptedPayment(45_001, reference: "F2026-0002")
        _ = try await merchant.call(.post, "/v1/payments/\(first)/refunds", #"{"amount":2000}"#)
        let day = try await merchant.sandbox.control(
            .post, "/bank/close-day", "{\"date\":\"2026-11-28\",\"unrelated\":6\(more)}")
        return (merchant, day)
    }

    /// Net amounts of a report, in cents.
    private func netAmounts(_ merchant: Merchant, _ payout: SandboxJSON) async throws -> [Int] {
        let path = "/control/bank/settlements/\(payout["id"].string)"
        let rows = try await merchant.sandbox.call(.get, path).text.split(separator: "\r\n").dropFirst()
        return rows.compactMap { $0.split(separator: ",", omittingEmptySubsequences: false).last.flatMap(cents) }
    }

    private func cents(_ text: Substring) -> Int? { Int(text.replacing(".", with: "")) }

    @Test func `transfers what the report's lines add up to`() async throws {
        let (merchant, day) = try await close()
        let payout = day["payouts"][0]
        #expect(day["payouts"].list.count == 1)
        #expect(payout["amount"] == payout["booked"])
        let lines = try await netAmounts(merchant, payout)
        #expect(lines.count == 3)
        #expect(lines.reduce(0, +) == payout["amount"].int)
        let totals = try await merchant.sandbox.control(.get, "/summary")["alma"]
        #expect(totals["net"] == payout["amount"])
        #expect(totals["paidOut"] == payout["amount"])

        let rows = try await merchant.call(.get, "/v1/balance-transactions?limit=50").json["data"].list
        let included = rows.filter { $0["included_in_payout_id"] == payout["id"] }
        let own = rows.first { $0["kind"] == "from_payout" }
        #expect(included.reduce(0) { $0 + ($1["net_amount"].int ?? 0) } == -(own?["net_amount"].int ?? 0))
    }

    @Test func `pays nothing twice and lets a negative balance wait`() async throws {
        let (merchant, day) = try await close()
        let paid = try await merchant.call(.get, "/v1/payments").json["data"][0]["id"].string
        _ = try await merchant.call(.post, "/v1/payments/\(paid)/refunds", #"{"amount":9000}"#)
        let next = try await merchant.sandbox.control(.post, "/bank/close-day", #"{"date":"2026-11-29"}"#)
        #expect(next["payouts"].list.isEmpty)
        #expect(next["statements"][0]["opening"] == day["statements"][0]["closing"])

        _ = try await merchant.acceptedPayment(100_000)
        let last = try await merchant.sandbox.control(.post, "/bank/close-day", #"{"date":"2026-11-30"}"#)
        #expect(last["payouts"][0]["amount"].int == 100_000 - 4_320 - 9_000)
    }

    @Test("balances its statement in both versions of the file", arguments: ["02", "08"])
    func balances(version: String) async throws {
        let (merchant, day) = try await close(",\"pending\":true")
        let statement = day["statements"][0]
        let path = "/control/bank/statements/\(statement["id"].string)?version=\(version)"
        let xml = try await merchant.sandbox.call(.get, path).text
        #expect(xml.contains("urn:iso:std:iso:20022:tech:xsd:camt.053.001.\(version)"))

        let entries = xml.components(separatedBy: "<Ntry>").dropFirst()
        #expect(entries.count == 8)
        let booked = entries.filter { $0.contains("BOOK<") }.compactMap(signedCents)
        let balances = xml.components(separatedBy: "<Bal>").dropFirst().compactMap(signedCents)
        #expect(booked.count == 7)
        #expect(balances[0] + booked.reduce(0, +) == balances[1])
        #expect(balances[1] == statement["closing"].int)
        #expect(xml.contains("<Ustrd>ALMA VIREMENT \(day["payouts"][0]["id"].string)</Ustrd>"))
    }

    private func signedCents(_ entry: String) -> Int? {
        guard let start = entry.range(of: "<Amt Ccy=\"EUR\">")?.upperBound,
            let amount = cents(entry[start...].prefix { $0 != "<" }),
            let direction = entry.range(of: "<CdtDbtInd>")?.upperBound
        else { return nil }
        return entry[direction...].hasPrefix("CRDT") ? amount : -amount
    }

    @Test func `plants each way a payout does not explain itself`() async throws {
        for (fault, lines, reported, booked) in [
            (#"{"kind":"short","cents":3}"#, 3, 0, -3), (#"{"kind":"missing-line"}"#, 2, -12_428, 0),
            (#"{"kind":"duplicate-line"}"#, 4, 12_428, 0), (#"{"kind":"unknown-payment","cents":7500}"#, 4, 0, 0),
        ] {
            let (merchant, day) = try await close(",\"faults\":[\(fault)]")
            let payout = day["payouts"][0]
            let amount = payout["amount"].int ?? 0
            let report = try await netAmounts(merchant, payout)
            #expect(report.count == lines, "\(fault)")
            #expect(report.reduce(0, +) == amount + reported, "\(fault)")
            #expect(payout["booked"].int == amount + booked, "\(fault)")
        }
    }

    @Test func `books a late payout on a later statement`() async throws {
        let (merchant, day) = try await close(#","faults":[{"kind":"late","days":2}]"#)
        #expect(day["payouts"][0]["bookedOn"] == "2026-11-30")
        #expect(!day["statements"][0]["movements"].list.contains { $0["counterparty"] == "ALMA SAS" })
        let later = try await merchant.sandbox.control(.post, "/bank/close-day", #"{"date":"2026-11-30"}"#)
        #expect(later["statements"][0]["movements"].list.contains { $0["counterparty"] == "ALMA SAS" })
    }

    @Test func `hands out the same report as an export of the provider`() async throws {
        let (merchant, day) = try await close()
        let payout = day["payouts"][0]["id"].string
        let export = try await merchant.call(
            .post, "/v1/data-exports", "{\"type\":\"accounting_for_payout\",\"payout\":\"\(payout)\"}"
        ).json
        #expect(export["complete"] == false)
        let id = export["id"].string
        _ = try await poll("the export is complete") {
            try await merchant.call(.get, "/v1/data-exports/\(id)").json["complete"] == true ? true : nil
        }
        let file = try await merchant.call(.get, "/v1/data-exports/\(id)?format=csv").text
        let report = try await merchant.sandbox.call(.get, "/control/bank/settlements/\(payout)").text
        #expect(file == report)
        #expect(file.contains("F2026-0002"))
        #expect(try await merchant.call(.get, "/v1/data-exports/export_unknown").status == 404)
        let stranger = Merchant(sandbox: merchant.sandbox, key: "sk_test_nobody")
        #expect(try await stranger.call(.get, "/v1/data-exports/\(id)?format=csv").status == 401)
        let early = try await merchant.call(
            .post, "/v1/data-exports", "{\"type\":\"accounting_for_payout\",\"payout\":\"\(payout)\"}"
        ).json["id"].string
        #expect(try await merchant.call(.get, "/v1/data-exports/\(early)?format=csv").status == 404, "not ready")
    }
}

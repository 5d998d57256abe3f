import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension JSONValue {
    /// Cents of an amount of money; nothing where there is none.
    var cents: Int64? { self["minorUnits"]?.integer }

    /// The sum of what the elements of a list have under a name.
    func sum(_ name: String) -> Int64 { (elements ?? []).reduce(0) { $0 + ($1[name]?.cents ?? 0) } }
}

extension Books {
    /// What of all explanations of these books does not add up to the cent.
    func explainedOtherwise() async throws -> [String] {
        let payouts: [PayoutID] = try await bench.superuser.query(
            "SELECT id FROM payout WHERE organisation = \(organisation) ORDER BY id"
        ) { row in try row("id") }
        var wrong: [String] = []
        for payout in payouts {
            wrong += try await differences("/v1/explain/payouts/\(payout)", Self.differences(ofPayout:))
        }
        let invoices: [InvoiceID] = try await bench.superuser.query(
            """
            SELECT invoice FROM invoice_number WHERE organisation = \(organisation)
            UNION SELECT invoice FROM expectation WHERE organisation = \(organisation) AND invoice IS NOT NULL
            """
        ) { row in try row("invoice") }
        for invoice in invoices {
            wrong += try await differences("/v1/explain/invoices/\(invoice)", Self.differences(ofInvoice:))
        }
        return wrong
    }

    private func differences(_ path: String, _ find: (JSONValue) -> [String]) async throws -> [String] {
        let answer = try await get("\(path)?limit=200")
        guard answer.status == 200 else { return ["\(path): \(answer.text)"] }
        let trails = answer.json["payments"]?.elements ?? []
        return (find(answer.json) + trails.flatMap(Self.differences(ofPayment:))).map { "\(path): \($0)" }
    }

    private static func differences(ofPayout answer: JSONValue) -> [String] {
        let told = answer["explanation"] ?? .null
        let (received, explained) = (told["received"]?.cents, told["explained"]?.cents ?? 0)
        let named = told["difference"]?["amount"]?.cents ?? 0
        let nets = (told["lines"] ?? .null).sum("net")
        return [
            received == explained + named + (told["unexplained"]?.cents ?? 0) ? nil : "received \(told)",
            explained == nets ? nil : "explains \(explained) by \(nets)",
        ].compactMap { $0 }
    }

    private static func differences(ofInvoice answer: JSONValue) -> [String] {
        let takings = (answer["takings"]?.elements ?? []).filter { taking in
            taking["taking"]?["amount"]?.cents != (taking["places"] ?? .null).sum("amount")
        }
        guard let account = answer["account"], let total = answer["total"]?.cents else {
            return takings.map { "places of \($0)" }
        }
        func cents(_ name: String) -> Int64 { account[name]?.cents ?? .min / 8 }
        let open = account["open"] ?? .null
        let unexplained = (open.elements ?? []).first { $0["because"]?.text == "unexplained" }
        let takenOff = cents("credited") + cents("writtenOff")
        let said = takenOff + cents("due") + (account["paid"] ?? .null).sum("amount")
        return [
            total == takenOff + cents("atTheBank") + cents("remainder") ? nil : "\(total) is \(account)",
            total == said + (unexplained?["amount"]?.cents ?? 0) ? nil : "\(total) is told as \(account)",
            cents("remainder") == open.sum("amount") ? nil : "leaves \(open)",
        ].compactMap { $0 } + takings.map { "places of \($0)" }
    }

    private static func differences(ofPayment trail: JSONValue) -> [String] {
        func cents(_ name: String) -> Int64 { trail[name]?.cents ?? .min }
        let (parts, name) = (trail["open"] ?? .null, trail["paymentID"]?.text ?? "")
        let arrived = (trail["arrived"]?.cents ?? 0) + (trail["charged"]?.cents ?? 0)
        return [
            cents("expected") == arrived + cents("remainder") ? nil : "payment \(name) has \(trail)",
            cents("remainder") == parts.sum("amount") ? nil : "payment \(name) leaves \(parts)",
            (parts.elements == []) == (trail["because"]?.text == "none") ? nil : "payment \(name) says \(parts)",
        ].compactMap { $0 }
    }
}

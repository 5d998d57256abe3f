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
        let (received, explained) = (told["received"]?.cents ?? 0, told["explained"]?.cents ?? 0)
        let rest: Int64 = (told["difference"]?["amount"]?.cents ?? 0) + (told["unexplained"]?.cents ?? 0)
        let nets = (told["lines"] ?? .null).sum("net")
        var wrong: [String] = []
        if received != explained + rest { wrong.append("received \(told)") }
        if explained != nets { wrong.append("explains \(explained) by \(nets)") }
        return wrong
    }

    private static func differences(ofInvoice answer: JSONValue) -> [String] {
        var wrong: [String] = []
        for taking in answer["takings"]?.elements ?? [] {
            let places = (taking["places"] ?? .null).sum("amount")
            if taking["taking"]?["amount"]?.cents != places { wrong.append("places of \(taking)") }
        }
        guard let account = answer["account"], let total = answer["total"]?.cents else { return wrong }
        func cents(_ name: String) -> Int64 { account[name]?.cents ?? -1_000_000_000 }
        let open = account["open"] ?? .null
        let unexplained = (open.elements ?? []).first { $0["because"]?.text == "unexplained" }?["amount"]?.cents ?? 0
        let takenOff = cents("credited") + cents("writtenOff")
        let said = takenOff + cents("due") + (account["paid"] ?? .null).sum("amount")
        if total != takenOff + cents("atTheBank") + cents("remainder") { wrong.append("\(total) is \(account)") }
        if total != said + unexplained { wrong.append("\(total) is told as \(account)") }
        if cents("remainder") != open.sum("amount") { wrong.append("leaves \(open)") }
        return wrong
    }

    private static func differences(ofPayment trail: JSONValue) -> [String] {
        func cents(_ name: String) -> Int64 { trail[name]?.cents ?? -1_000_000_000 }
        let (parts, name) = (trail["open"] ?? .null, trail["paymentID"]?.text ?? "")
        let isDone = trail["because"]?.text == "none"
        var wrong: [String] = []
        let explained = cents("arrived") + cents("charged") + cents("remainder")
        if cents("expected") != explained { wrong.append("has \(trail)") }
        if cents("remainder") != parts.sum("amount") { wrong.append("leaves \(parts)") }
        if (parts.elements == []) != isDone { wrong.append("says \(parts)") }
        return wrong.map { "payment \(name) \($0)" }
    }
}

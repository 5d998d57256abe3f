/// Balance movements and data exports: what a reconciliation reads.
enum AlmaReportRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/v1/balance-transactions", "balance-transactions") { call, world in
            try await world.alma(call) { state, account in try state.balanceTransactions(call, account) }
        }
        endpoints.add(.post, "/v1/data-exports", "create-export") { call, world in
            try await world.alma(call) { state, account in try state.createExport(call, account) }
        }
        endpoints.add(.get, "/v1/data-exports", "list-exports") { call, world in
            try await world.alma(call) { state, account in
                let mine = state.alma.exports.all.filter { $0.merchantID == account.merchantID }
                return .json(try state.page(mine.reversed(), call, id: \.id) { $0.json(baseURL: state.almaURL) })
            }
        }
        endpoints.add(.get, "/v1/data-exports/{id}", "get-export") { call, world in
            try await world.alma(call) { state, account in try state.readExport(call, account) }
        }
    }
}

extension WorldState {
    var almaURL: String { "\(publicURL)/alma" }

    /// `merchant=all` reaches no further than the key's own merchant here: child accounts are not played.
    func balanceTransactions(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        var found = Array(alma.ledger.transactions.filter { $0.merchantID == account.merchantID }.reversed())
        if let kind = call.query("kind") { found.removeAll { $0.kind.rawValue != kind } }
        return .json(try page(found, call, id: \.id) { $0.json })
    }

    mutating func createExport(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let body = try call.almaJSON()
        var check = AlmaValidation()
        let type = check.text(body, "type", at: "") ?? ""
        if !AlmaExports.types.contains(type) { check.report("type", "invalid_value", "Type d'export inconnu") }
        let payout = check.text(body, "payout", at: "")
        let isMine = alma.ledger.payouts.contains { $0.id == payout && $0.merchantID == account.merchantID }
        if type == "accounting_for_payout", !isMine {
            check.report("payout", payout == nil ? "missing_field" : "invalid_value", "Virement inconnu")
        }
        try check.finish()
        let export = AlmaExport(
            id: random.identifier("export_"), merchantID: account.merchantID, type: type, payoutID: payout,
            start: body["start"]?.asInteger, end: body["end"]?.asInteger, created: clock.now, readsUntilComplete: 2)
        alma.exports.add(export)
        return .json(export.json(baseURL: almaURL))
    }

    mutating func readExport(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let export = try alma.exports.read(call.parameter("id"), of: account.merchantID)
        guard let format = call.query("format") else { return .json(export.json(baseURL: almaURL)) }
        guard export.isComplete else { throw AlmaError.other("not_ready", "Export en préparation", status: 404) }
        guard format == "csv" else {
            throw AlmaError.validation(field: "format", code: "invalid_value", message: "Seul csv est disponible")
        }
        return .file(csv(of: export), type: "text/csv")
    }

    private func csv(of export: AlmaExport) -> String {
        if let payout = export.payoutID { return settlementReport(of: payout) ?? "" }
        let lines = alma.ledger.transactions.filter {
            $0.merchantID == export.merchantID && $0.created >= export.start ?? .min && $0.created <= export.end ?? .max
        }
        let all = AlmaPayout(id: "", merchantID: export.merchantID, created: export.created, amount: 0)
        return AlmaSettlementReport(payout: all, lines: lines).csv(references: references)
    }

    /// The report of one payout, with the faults planted when it was made.
    func settlementReport(of payoutID: String) -> String? {
        guard let report = alma.ledger.reports[payoutID] else { return nil }
        return report.csv(references: references)
    }

    private var references: [String: String] {
        alma.payments.compactMapValues { $0.details.orders.first?["merchant_reference"]?.asText }
    }
}

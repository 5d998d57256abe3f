/// The bank's day and its files.
enum BankControlRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/bank/accounts", "add-bank-account") { call, world in
            let json = try call.json()
            guard let iban = json["iban"]?.asText, !iban.isEmpty else { throw Refusal.control("'iban' is missing") }
            return await world.perform { state in
                state.bank.put(
                    iban: iban, holder: json["holder"]?.asText ?? "CLINIQUE",
                    balance: json["openingCents"]?.asInteger ?? BankState.openingUsual)
                return Reply(status: 201)
            }
        }
        endpoints.add(.post, "/bank/close-day", "close-day") { call, world in
            let json = try call.json()
            return try await world.perform { .json($0.close(try CloseDay(json, clock: $0.clock))) }
        }
        endpoints.add(.get, "/bank/statements", "statements") { call, world in
            await world.perform { state in
                var found = state.bank.statements
                if let iban = call.query("iban") { found.removeAll { $0.iban != iban } }
                return .json(.list(found.map(\.json)))
            }
        }
        addFiles(endpoints)
    }

    private static func addFiles(_ endpoints: Endpoints) {
        endpoints.add(.get, "/bank/statements/{id}", "statement-file") { call, world in
            guard let version = Camt053.Version(rawValue: call.query("version") ?? "02") else {
                throw Refusal.control("'version' must be 02 or 08")
            }
            return try await world.perform { state in
                guard let statement = state.bank.statement(call.parameter("id")) else {
                    throw Refusal.control("no such statement", status: 404)
                }
                return .file(Camt053(statement: statement, version: version).xml, type: "application/xml")
            }
        }
        endpoints.add(.get, "/bank/settlements/{payout}", "settlement-file") { call, world in
            try await world.perform { state in
                guard let csv = state.settlementReport(of: call.parameter("payout")) else {
                    throw Refusal.control("no such payout", status: 404)
                }
                return .file(csv, type: "text/csv")
            }
        }
    }
}

import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// The books as accountants keep them: chart, journals, periods, the file for the tax office (REC-8).
struct AccountingRoutes {
    let database: Database
    let keepChart: KeepChart
    let close: ClosePeriod
    let reopen: ReopenPeriod
    let writeFEC: WriteFEC
    let exports: FilePlaces
    let charts = ChartStore()
    let journals = JournalStore()

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/accounting/chart", operation: "getChart", access: reading, getChart),
            Route(.put, "/v1/accounting/chart", operation: "putChart", access: writing, putChart),
            Route(.get, "/v1/accounting/entries", operation: "listEntries", access: reading, listEntries),
            Route(.get, "/v1/accounting/sums", operation: "sumAccounts", access: reading, sumAccounts),
            Route(.get, "/v1/accounting/periods", operation: "listPeriods", access: reading, listPeriods),
            Route(
                .post, "/v1/accounting/periods", operation: "closePeriod", access: writing, idempotency: .required,
                timeMax: ClosePeriod.timeMax, closePeriod),
            Route(
                .post, "/v1/accounting/periods/reopen", operation: "reopenPeriod",
                access: .roles([.manager], scope: "reconciliation:write"), idempotency: .required, reopenPeriod),
            Route(.get, "/v1/accounting/fec", operation: "exportFEC", access: reading, exportFEC),
        ]
    }

    @Sendable private func getChart(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let chart = try await database.read(organisation: organisation) { transaction in
            try charts.chart(of: organisation, &transaction)
        }
        return try .json(.ok, ChartAnswer(chart))
    }

    @Sendable private func putChart(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in ChartDraft(fields) }
        return try .json(.ok, try await keepChart.run(draft, because: request.cause()).answer)
    }

    @Sendable private func listEntries(_ request: Request) async throws -> Response {
        let (filter, page) = try request.readQuery { fields in (EntryFilter(fields), fields.page(by: EntryPlace.self)) }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            let chart = try charts.chart(of: organisation, &transaction)
            return try journals.entries(
                of: organisation, filter, after: page.last ?? .beginning, limit: page.rows, chart, &transaction)
        }
        return try .json(
            .ok, Page(found, of: page) { entry in Cursor([entry.bookedOn.description, entry.id.description]) })
    }

    @Sendable private func sumAccounts(_ request: Request) async throws -> Response {
        let (from, to) = try request.readQuery { fields in fields.period() }
        let organisation = try request.organisation
        let sums = try await database.read(organisation: organisation) { transaction in
            let chart = try charts.chart(of: organisation, &transaction)
            return try journals.sums(of: organisation, from: from, to: to, chart, &transaction)
        }
        return try .json(.ok, ["items": sums])
    }

    @Sendable private func listPeriods(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try close.periods.list(of: organisation, &transaction)
        }
        return try .json(.ok, ["items": found])
    }

    @Sendable private func closePeriod(_ request: Request) async throws -> Response {
        let day = try request.read { fields in fields.localDate("through") }
        return try .json(.created, try await close.run(through: day, because: request.cause()).answer)
    }

    @Sendable private func reopenPeriod(_ request: Request) async throws -> Response {
        let reason = try request.read { fields in fields.string("reason", max: 2_000, .lines) }
        return try .json(.ok, try await reopen.run(because: reason, request.cause()).answer)
    }

    @Sendable private func exportFEC(_ request: Request) async throws -> Response {
        let (year, isInterim) = try request.readQuery { fields in
            (fields.integer("year", in: 1_970...9_998), fields.boolean("interim", default: false))
        }
        let place = try exports.take()
        let file = try await writeFEC.run(year: year, isInterim: isInterim, of: request.organisation)
        return .chunks(
            place.chunks(of: file.parts), contentType: "text/plain; charset=ISO-8859-15", filename: file.name)
    }
}

extension EntryFilter {
    fileprivate init(_ fields: Fields) {
        self.init(of: GridStore.Period(fields), fields)
    }

    /// Of days that were read already.
    init(of period: GridStore.Period, _ fields: Fields) {
        self.init(from: period.from, to: period.to, journal: fields.optionalEnumeration("journal"))
    }
}

extension ChartDraft {
    fileprivate init(_ fields: Fields) {
        self.init(
            siren: fields.optionalText(
                "siren", max: 9, remedy: "Give the nine digits of the SIREN; the last is a check digit, and must fit."
            ) { SIREN.checked($0) },
            yearEndMonth: fields.optionalInteger("yearEndMonth", in: 1...12) ?? 12,
            language: fields.optionalEnumeration("language"),
            accounts: fields.list("accounts", count: 0...100) { item in
                ChartAccount(
                    account: item.text(
                        "account", max: 20, else: .suspense, remedy: "Give an account of the ledger, such as 627000."
                    ) { Account(number: $0) },
                    number: item.string("number", max: 20), label: item.string("label", max: 100))
            },
            journals: fields.list("journals", count: 0...100) { item in
                Journal(
                    role: item.enumeration("role"), code: item.journalCode("code"),
                    label: item.string("label", max: 100))
            })
    }
}

extension Fields {
    /// Reads the code of a journal.
    func journalCode(_ name: String) -> String {
        text(name, max: 10, else: "", remedy: "Give 1 to 10 capital letters or digits.") { code in
            code.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) } ? code : nil
        }
    }
}

/// Numbers of French companies.
enum SIREN {
    /// The number; nil when its check digit says that a person mistyped it (ISO 7812).
    static func checked(_ text: String) -> String? {
        let digits = text.utf8.map { Int($0) - 48 }
        guard digits.count == 9, digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            let doubled = digit.element * 2
            return sum + (digit.offset.isMultiple(of: 2) ? digit.element : doubled > 9 ? doubled - 9 : doubled)
        }
        return sum.isMultiple(of: 10) ? text : nil
    }
}

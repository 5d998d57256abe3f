import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What is late, how late, and how it is asked for (INV-14).
struct OverdueRoutes {
    let database: Database
    let keep: KeepDunning
    let lists = OverdueList()
    let levels = DunningStore()
    let names = ClientNames()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        let managers = Access.roles([.manager], scope: "organisation:write")
        return [
            Route(.get, "/v1/overdue", operation: "listOverdue", access: reading, overdue),
            Route(.get, "/v1/ageing", operation: "getAgeing", access: reading, ageing),
            Route(
                .get, "/v1/dunning-levels", operation: "getDunningLevels",
                access: .roles(Set(Role.allCases), scope: "organisation:read"), getLevels),
            Route(.put, "/v1/dunning-levels", operation: "putDunningLevels", access: managers, putLevels),
            Route(
                .put, "/v1/clients/{clientID}/dunning-pause", operation: "pauseDunning",
                access: .roles([.manager, .accountant], scope: "clients:write"), pause),
        ]
    }

    @Sendable private func overdue(_ request: Request) async throws -> Response {
        let (page, day) = try request.readQuery { fields in (fields.debtPage(), fields.localDate("on")) }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let late = try lists.overdue(
                of: organisation, at: clinics, on: day, after: page.last ?? .first, rows: page.rows, &transaction)
            return try names.named(late.map { OverdueAnswer($0, on: day) }, for: request.principal, in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, key: \.cursor))
    }

    @Sendable private func ageing(_ request: Request) async throws -> Response {
        let day = try request.readQuery { fields in fields.localDate("on") }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            try lists.ageing(of: organisation, at: clinics, on: day, in: .eur, &transaction)
        }
        // One row for each clinic: one page.
        return try .json(.ok, Page(items: found.map(AgeingAnswer.init), next: nil))
    }

    @Sendable private func getLevels(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try levels.find(of: organisation, in: &transaction)
        }
        return try .json(.ok, DunningAnswer(found)).tagged(found.version)
    }

    @Sendable private func putLevels(_ request: Request) async throws -> Response {
        let levels = try request.read { fields in
            let told = fields.list("levels", count: 0...DunningLevels.countMax) { level in
                DunningLevel(
                    daysLate: level.integer("daysLate", in: 1...DunningLevels.daysMax),
                    label: level.string("label", max: 100),
                    text: level.dunningText())
            }
            guard let levels = DunningLevels(told) else {
                fields.refuse(
                    "levels", reason: "Each level comes later than the one before.", remedy: "Sort them by daysLate.")
                return DunningLevels.standard
            }
            return levels
        }
        let applied = try await keep.put(levels, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func pause(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let day = try request.read { fields in fields.optionalLocalDate("until") }
        let applied = try await keep.pause(
            id, until: day, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}

extension Fields {
    /// What is said at a level; notification fills its fields in, which are refused here rather than sent as they are.
    fileprivate func dunningText() -> String? {
        guard let text = optionalString("text", max: 1_000, .lines) else { return nil }
        guard let fault = DunningText.fault(in: text) else { return text }
        let known = DunningText.fields.map { "{{\($0)}}" }.joined(separator: ", ")
        switch fault.kind {
        case .unknownField(let name):
            refuse(
                "text",
                reason: "Line \(fault.line), column \(fault.column): there is no field {{\(name.prefix(40))}} here.",
                remedy: "Use one of: \(known).")
        case .notClosed:
            refuse(
                "text", reason: "Line \(fault.line), column \(fault.column): two braces are opened and not closed.",
                remedy: "Close them with }} on the same line.")
        }
        return nil
    }
}

/// Something late, as the API shows it.
struct OverdueAnswer: Codable, Sendable, ClientRow {
    let invoiceID: InvoiceID?
    let receivableID: ReceivableID?
    let clinicID: ClinicID
    let clientID: ClientID
    let title: String
    let due: Money
    let dueOn: LocalDate
    let daysLate: Int
    let bucket: String
    /// The highest level it was announced at; 0 for none.
    let level: Int
    /// After this day it need not be paid any more, as far as is known here.
    let limitationOn: LocalDate
    var client: ClientName?

    init(_ row: OverdueRow, on day: LocalDate) {
        invoiceID = row.debt.invoice
        receivableID = row.debt.receivable
        clinicID = row.clinic
        clientID = row.client
        title = row.title
        due = row.due
        dueOn = row.dueOn
        daysLate = day.daysSince1970 - row.dueOn.daysSince1970
        bucket = AgeingBucket(daysLate: daysLate).rawValue
        level = row.level
        limitationOn = LimitationPeriod.end(
            dueOn: row.dueOn, paidOn: row.paidOn, fromBusiness: row.isBusiness)
    }

    fileprivate var cursor: Cursor {
        Cursor([dueOn.description, invoiceID?.description ?? receivableID?.description ?? ""])
    }
}

/// What one clinic is owed by how late it is, as the API shows it.
struct AgeingAnswer: Codable, Sendable {
    let clinicID: ClinicID
    let notDue: Money
    let upTo30: Money
    let upTo60: Money
    let upTo90: Money
    let over90: Money

    init(_ row: AgeingRow) {
        let sum = { (bucket: AgeingBucket) in row.sums[bucket] ?? .zero(.eur) }
        clinicID = row.clinic
        notDue = sum(.notDue)
        upTo30 = sum(.upTo30)
        upTo60 = sum(.upTo60)
        upTo90 = sum(.upTo90)
        over90 = sum(.over90)
    }
}

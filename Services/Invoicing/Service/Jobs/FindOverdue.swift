import InvoicingDomain
import Logging
import Observability
import PaymentModel
import TransactionalMessaging

/// Finds debts whose next level of dunning has come, and announces each once in one time of being due (INV-14).
struct FindOverdue: Sendable {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let logger: Logger
    let lists = OverdueList()
    let levels = DunningStore()
    let invoices = InvoiceStore()
    let receivables = ReceivableStore()

    /// Rows looked at together.
    private static let rows = 200

    func run() async throws {
        var last = OrganisationID(0)
        while true {
            let from = last
            let found = try await database.read(organisation: nil) { transaction in
                try levels.organisations(after: from, rows: FindOverdue.rows, in: &transaction)
            }
            for organisation in found { try await run(for: organisation) }
            guard found.count == FindOverdue.rows, let end = found.last else { return }
            last = end
        }
    }

    private func run(for organisation: OrganisationID) async throws {
        let rules = try await database.read(organisation: organisation) { transaction in
            try levels.find(of: organisation, in: &transaction).levels
        }
        let now = time.now()
        var place = DebtList.Place.first
        while true {
            let from = place
            let reached = try await database.read(organisation: organisation) { transaction in
                try lists.reached(
                    rules, of: organisation, at: now, after: from, rows: FindOverdue.rows, &transaction)
            }
            for found in reached { try await announce(found, rules, for: organisation) }
            guard reached.count == FindOverdue.rows, let end = reached.last else { return }
            place = DebtList.Place(dueOn: end.dueOn, id: end.debt.value)
        }
    }

    /// One transaction for each, decided anew under its lock: a payment may have come meanwhile.
    private func announce(
        _ found: ReachedLevel, _ rules: DunningLevels, for organisation: OrganisationID
    ) async throws {
        let id: DunningID = ids.make()
        let cause = Cause.step(
            "dunning", by: "find-overdue", for: organisation, correlation: ids.make(), ids)
        try await database.change(because: cause) { change in
            guard let late = try open(found.debt, in: &change), late.due.isPositive,
                let again = try levels.dueAgain(found.debt, in: &change)
            else { return }
            let last = try levels.last(of: found.debt, time: again.times, in: &change)
            guard
                let level = rules.next(after: last, on: found.today, dueOn: late.dueOn, dueAgainOn: again.on),
                try levels.insert(id, of: late, level: level, time: again.times, on: found.today, in: &change)
            else { return }
            change.announceOverdue(late, level: level, on: found.today)
        }
    }

    private func open(_ debt: Debt, in change: inout Change) throws -> LateDebt? {
        switch debt {
        case .invoice(let id):
            try invoices.lock(id, in: &change).map {
                LateDebt(debt: debt, client: $0.client, clinic: $0.clinic, due: $0.due, dueOn: $0.dueOn)
            }
        case .receivable(let id):
            try receivables.lock(id, in: &change).map {
                LateDebt(
                    debt: debt, client: $0.receivable.client, clinic: $0.receivable.clinic, due: $0.receivable.due,
                    dueOn: $0.receivable.terms.dueOn)
            }
        }
    }
}

/// A late debt as its announcement tells it.
struct LateDebt: Sendable {
    let debt: Debt
    let client: ClientID
    let clinic: ClinicID
    let due: Money
    let dueOn: LocalDate
}

import PaymentModel
import ReconciliationDomain

/// The accounts and journals of the organisation as the API shows them.
struct ChartAnswer: Codable, Sendable {
    struct Account: Codable, Sendable {
        /// As the ledger knows it.
        let account: String
        let number: String
        let label: String
    }

    struct Journal: Codable, Sendable {
        let role: String
        let code: String
        let label: String
    }

    let siren: String?
    let yearEndMonth: Int
    /// Of the columns of files, unless another is asked for.
    let language: Language
    let accounts: [Account]
    let journals: [Journal]

    init(_ chart: Chart) {
        siren = chart.siren
        yearEndMonth = chart.yearEndMonth
        language = chart.language
        accounts = chart.accounts.values.sorted { $0.account.number < $1.account.number }.map {
            Account(account: $0.account.number, number: $0.number, label: $0.label)
        }
        journals = JournalRole.allCases.compactMap { chart.journals[$0] }.map {
            Journal(role: $0.role.rawValue, code: $0.code, label: $0.label)
        }
    }
}

/// A period that was closed, as the API shows it.
struct PeriodAnswer: Codable, Sendable {
    let from: LocalDate
    let to: LocalDate
    /// How many entries it validated.
    let entries: Int
    let closedBy: String
    let closedAt: Instant
    let reopenedBy: String?
    let reopenedAt: Instant?
    let reopenedBecause: String?
}

/// What closing or opening a period did.
struct ClosedAnswer: Codable, Sendable {
    let from: LocalDate
    let to: LocalDate
    let entries: Int
}

/// An entry of a journal as the API shows it.
struct EntryAnswer: Codable, Sendable {
    struct Line: Codable, Sendable {
        let account: String
        let label: String
        let debit: Money
        let credit: Money

        /// Debit positive, credit negative.
        init(account: String, label: String, _ amount: Money) throws {
            self.account = account
            self.label = label
            debit = amount.isPositive ? amount : .zero(amount.currency)
            credit = amount.isPositive ? .zero(amount.currency) : try amount.negated()
        }
    }

    let id: EntryID
    /// Nothing until the entry is validated.
    let financialYear: Int?
    let number: Int64?
    let journal: String
    let bookedOn: LocalDate
    let happenedOn: LocalDate
    let piece: String
    let label: String
    let lines: [Line]

    /// The same with its lines.
    func with(_ lines: [Line]) -> EntryAnswer {
        EntryAnswer(
            id: id, financialYear: financialYear, number: number, journal: journal, bookedOn: bookedOn,
            happenedOn: happenedOn, piece: piece, label: label, lines: lines)
    }
}

/// What an account got and gave in a period.
struct AccountSumsAnswer: Codable, Sendable {
    let account: String
    let label: String
    let debit: Money
    let credit: Money
}

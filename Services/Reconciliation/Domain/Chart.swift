package import PaymentModel

/// A journal of the accounts, by what is written in it (REC-8).
package enum JournalRole: String, Hashable, Sendable, CaseIterable {
    /// What clients paid and got back through providers.
    case receipts
    /// What providers kept, and the VAT on it.
    case commissions
    /// What the tills of clinics took, counted and brought to the bank.
    case till
    /// What arrived at the bank.
    case bank
    /// Everything else.
    case miscellaneous
}

/// A journal as the organisation's accountant knows it.
package struct Journal: Hashable, Sendable {
    package let role: JournalRole
    package let code: String
    package let label: String

    package init(role: JournalRole, code: String, label: String) {
        self.role = role
        self.code = code
        self.label = label
    }
}

/// An account as the organisation's accountant knows it.
package struct ChartAccount: Hashable, Sendable {
    package let account: Account
    package let number: String
    package let label: String

    package init(account: Account, number: String, label: String) {
        self.account = account
        self.number = number
        self.label = label
    }
}

/// An account at a bank that has a number (512x) and a journal of its own in the books.
package struct BankInBooks: Hashable, Sendable {
    package let iban: String
    package let number: String
    package let label: String
    /// Its code; it is called as the account is.
    package let journal: String

    package init(iban: String, number: String, label: String, journal: String) {
        self.iban = iban
        self.number = number
        self.label = label
        self.journal = journal
    }
}

/// The accounts and journals of an organisation: French ones, until it says otherwise.
package struct Chart: Hashable, Sendable {
    /// Why a chart is refused.
    package enum Rejection: Error, Hashable, Sendable {
        /// An account's number begins with three digits, of its class in the French chart.
        case number(String, of: Account)
        /// Two accounts would be one in the exports.
        case numberTwice(String)
        case codeTwice(String)
    }

    package private(set) var accounts: [Account: ChartAccount]
    package private(set) var journals: [JournalRole: Journal]
    /// By IBAN; those without names of their own are on the account and in the journal of all others.
    package private(set) var banks: [String: BankInBooks] = [:]
    /// The last month of the financial year.
    package var yearEndMonth: Int
    package var siren: String?
    /// In which language columns of files are named unless another is asked for.
    package var language = Language.french

    /// The usual French chart.
    package init() {
        accounts = Dictionary(
            uniqueKeysWithValues: Account.all.map {
                ($0, ChartAccount(account: $0, number: $0.number, label: $0.usualLabel))
            })
        journals = Dictionary(
            uniqueKeysWithValues: JournalRole.allCases.map { role in
                (role, Journal(role: role, code: role.usualCode, label: role.usualLabel))
            })
        yearEndMonth = 12
    }

    /// The same with some accounts and journals of its own.
    package func with(_ accounts: [ChartAccount], _ journals: [Journal]) throws(Rejection) -> Chart {
        var chart = self
        for account in accounts {
            guard Chart.fits(account) else { throw .number(account.number, of: account.account) }
            chart.accounts[account.account] = account
        }
        for journal in journals { chart.journals[journal.role] = journal }
        try chart.checkNames()
        return chart
    }

    /// The same with bank accounts that have names of their own.
    package func with(_ banks: [BankInBooks]) throws(Rejection) -> Chart {
        var chart = self
        for bank in banks {
            let named = ChartAccount(account: .bank, number: bank.number, label: bank.label)
            guard Chart.fits(named) else { throw .number(bank.number, of: .bank) }
            chart.banks[bank.iban] = bank
        }
        try chart.checkNames()
        return chart
    }

    private func checkNames() throws(Rejection) {
        if let twice = Chart.twice(accounts.values.map(\.number) + banks.values.map(\.number)) {
            throw .numberTwice(twice)
        }
        if let twice = Chart.twice(journals.values.map(\.code) + banks.values.map(\.journal)) {
            throw .codeTwice(twice)
        }
    }

    /// What a line on an account is called; `bank` is the IBAN of a line on 512.
    package func account(_ account: Account, at bank: String?) -> ChartAccount? {
        guard account == .bank, let own = bank.flatMap({ banks[$0] }) else { return accounts[account] }
        return ChartAccount(account: .bank, number: own.number, label: own.label)
    }

    /// Where an entry of a kind is written, whose line on 512 is of this bank account.
    package func journal(of kind: LedgerEntry.Kind, at bank: String?) -> Journal? {
        guard kind.journal == .bank, let own = bank.flatMap({ banks[$0] }) else { return journals[kind.journal] }
        return Journal(role: .bank, code: own.journal, label: own.label)
    }

    /// The financial year a day is in, by the calendar year it ends in.
    package func financialYear(of day: LocalDate) -> Int { day.month > yearEndMonth ? day.year + 1 : day.year }

    /// The days of a financial year.
    package func days(ofYear year: Int) -> ClosedRange<LocalDate>? {
        guard let first = LocalDate(year: year, month: yearEndMonth, day: 1),
            let last = LocalDate(
                year: year, month: yearEndMonth, day: LocalDate.days(inMonth: yearEndMonth, of: year))
        else { return nil }
        return first.adding(months: -11)...last
    }

    /// What is exported as account 6… must not become a 4…: the first digit is the class.
    private static func fits(_ account: ChartAccount) -> Bool {
        let number = Array(account.number.utf8)
        return (3...20).contains(number.count) && number.prefix(3).allSatisfy { (48...57).contains($0) }
            && number.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            && number.first == account.account.number.utf8.first
    }

    private static func twice(_ texts: [String]) -> String? {
        var seen: Set<String> = []
        return texts.sorted().first { !seen.insert($0).inserted }
    }
}

extension LedgerEntry.Kind {
    /// Where entries of this kind are written.
    package var journal: JournalRole {
        switch self {
        case .payment, .refund, .refundReturned: .receipts
        case .fee, .refundFee, .feeCorrection: .commissions
        case .collection, .collectionReversed, .tillDifference, .remittance, .remittanceUndone: .till
        case .payout, .payoutUndone, .deposit, .depositUndone: .bank
        case .adjustment, .adjustmentUndone, .disputeOpened, .disputeClosed, .heldCounted, .discrepancyClosed,
            .suspenseCleared, .suspenseClearedUndone:
            .miscellaneous
        }
    }

    /// What the entry is, as French accounts say it.
    package var label: String {
        switch self {
        case .payment: "Encaissement"
        case .fee: "Commission"
        case .refund: "Remboursement"
        case .refundReturned: "Remboursement revenu"
        case .refundFee: "Commission sur remboursement"
        case .heldCounted: "Avance du client imputée"
        case .adjustment: "Ajustement du prestataire"
        case .adjustmentUndone: "Ajustement expliqué"
        case .disputeOpened: "Litige ouvert"
        case .disputeClosed: "Litige clos"
        case .discrepancyClosed: "Écart soldé"
        case .suspenseCleared: "Compte d'attente soldé"
        case .suspenseClearedUndone: "Solde du compte d'attente annulé"
        case .payout: "Virement reçu"
        case .feeCorrection: "Correction de commission"
        case .payoutUndone: "Virement dépointé"
        case .collection: "Règlement en caisse"
        case .collectionReversed: "Règlement annulé"
        case .tillDifference: "Écart de caisse"
        case .remittance: "Remise en banque"
        case .remittanceUndone: "Remise annulée"
        case .deposit: "Remise créditée"
        case .depositUndone: "Remise dépointée"
        }
    }
}

extension JournalRole {
    fileprivate var usualCode: String {
        switch self {
        case .receipts: "ENC"
        case .commissions: "COM"
        case .till: "CAI"
        case .bank: "BQ"
        case .miscellaneous: "OD"
        }
    }

    fileprivate var usualLabel: String {
        switch self {
        case .receipts: "Encaissements en ligne"
        case .commissions: "Commissions des prestataires"
        case .till: "Caisse"
        case .bank: "Banque"
        case .miscellaneous: "Opérations diverses"
        }
    }
}

extension Account {
    fileprivate var usualLabel: String {
        switch self {
        case .clients: "Clients"
        case .heldForClients: "Clients - avances et acomptes reçus"
        case .clearing(.alma): "Alma - encaissements en cours"
        case .clearing(.stripe): "Stripe - encaissements en cours"
        case .clearing(.paypal): "PayPal - encaissements en cours"
        case .bank: "Banque"
        case .cash: "Caisse"
        case .cheques: "Chèques à encaisser"
        case .cards: "Cartes bancaires à encaisser"
        case .otherTenders: "Autres règlements à encaisser"
        case .underWay: "Virements internes"
        case .shortages: "Charges diverses de gestion courante"
        case .surpluses: "Produits divers de gestion courante"
        case .commissions: "Services bancaires et commissions"
        case .deductibleVAT: "TVA déductible sur autres biens et services"
        case .selfAssessedVAT: "TVA due intracommunautaire"
        case .withheld: "Fonds retenus par les prestataires"
        case .suspense: "Compte d'attente"
        }
    }
}

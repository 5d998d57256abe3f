package import PaymentModel

/// What was noted when money was taken at the till (INV-7).
package struct TillNote: Hashable, Sendable {
    package let kind: MethodKind
    package let payer: Payer
    /// Who took the money.
    package let collectedBy: String
    /// What the payer handed over, when it was cash.
    package let tendered: Money?
    package let cheque: Cheque?
    package let notes: String?

    package init(
        kind: MethodKind, payer: Payer, collectedBy: String, tendered: Money?, cheque: Cheque?, notes: String?
    ) {
        self.kind = kind
        self.payer = payer
        self.collectedBy = collectedBy
        self.tendered = tendered
        self.cheque = cheque
        self.notes = notes
    }

    /// What goes back to the payer at once.
    package func change(of amount: Money) -> Money? {
        tendered.map { Money($0.minorUnits - amount.minorUnits, amount.currency) }
    }
}

/// Who handed the money over.
package enum Payer: Hashable, Sendable {
    case theClient
    case anotherClient(ClientID)
    case somebody(name: String)
}

/// What identifies a cheque.
package struct Cheque: Hashable, Sendable {
    package let number: String
    package let bank: String?
    /// Whose account it is drawn on.
    package let drawer: String?

    package init(number: String, bank: String?, drawer: String?) {
        self.number = number
        self.bank = bank
        self.drawer = drawer
    }
}

/// Why money is not taken at the till.
package enum CollectingRejection: Error, Hashable, Sendable {
    case methodNotUsed(String)
    /// Its provider tells of it; typed in by hand it would be there twice.
    case methodArrivesByItself(String)
    case cashAboveCeiling(Money)
    /// Together with the cash that was taken for it before.
    case saleAboveCashCeiling(CashSale, ceiling: Money, earlier: Money)
    case tenderedTooLittle(Money)
    case tenderedWithoutCash
    case chequeMissing
    case chequeWithoutCheque
    case otherCurrency(Currency)
    case notYet(today: LocalDate)
    /// It is before the first day that can be meant.
    case tooLongAgo(first: LocalDate)
}

/// What the ceiling of cash is for: its parts are one debt, however many invoices ask for them.
package enum CashSale: Hashable, Sendable {
    /// All that is asked for on it: its deposits and the final invoice.
    case quote(QuoteID)
    /// What is owed without a quote.
    case debt(Debt)
}

/// What an organisation decided about taking money.
package struct CollectingRules: Hashable, Sendable {
    /// What becomes of payments made online (INV-13).
    package enum OnlineAcceptance: String, Hashable, Sendable, CaseIterable {
        case automatic
        /// They wait in a list until a person accepts them into the books.
        case byHand = "by-hand"
    }

    /// The most cash that one sale may be paid with (code monétaire et financier, L112-6 and D112-3).
    package var cashCeiling: Money
    package var onlineAcceptance: OnlineAcceptance
    /// Whether more than one deposit of a quote may be payable online (INV-3).
    package var severalOnlineDeposits: Bool

    package init(cashCeiling: Money, onlineAcceptance: OnlineAcceptance, severalOnlineDeposits: Bool = false) {
        self.cashCeiling = cashCeiling
        self.onlineAcceptance = onlineAcceptance
        self.severalOnlineDeposits = severalOnlineDeposits
    }

    /// The law's ceiling for residents of France; an organisation may set a lower one.
    package static let legalCashCeiling = Money.euros(cents: 100_000)

    package static let standard = CollectingRules(cashCeiling: legalCashCeiling, onlineAcceptance: .automatic)
}

// MARK: Deciding

extension CollectingRules {
    /// How long ago money can have been taken that is noted today.
    ///
    /// It is noted late by days; a day a year back is the year mistyped, and would number a receipt of a year that is
    /// closed. What older books hold comes by import, which has no such limit.
    package static let daysAgoMax = 364

    /// Lets money be taken on a day that can be meant, or says why it cannot.
    package static func admit(_ day: LocalDate, today: LocalDate) throws(CollectingRejection) {
        guard day <= today else { throw .notYet(today: today) }
        let first = today.adding(days: -daysAgoMax)
        guard day >= first else { throw .tooLongAgo(first: first) }
    }

    /// Lets an amount be taken by a method, or says why not.
    package func admit(
        _ amount: Money, by method: PaymentMethod, tendered: Money?, cheque: Cheque?
    ) throws(CollectingRejection) {
        guard method.isActive else { throw .methodNotUsed(method.code) }
        guard !method.kind.arrivesByItself else { throw .methodArrivesByItself(method.code) }
        guard amount.currency == cashCeiling.currency else { throw .otherCurrency(amount.currency) }
        if let tendered {
            guard method.kind == .cash else { throw .tenderedWithoutCash }
            guard tendered.currency == amount.currency else { throw .otherCurrency(tendered.currency) }
            guard tendered.minorUnits >= amount.minorUnits else { throw .tenderedTooLittle(amount) }
        }
        guard (method.kind == .cheque) == (cheque != nil) else {
            throw cheque == nil ? .chequeMissing : .chequeWithoutCheque
        }
        guard method.kind != .cash || amount.minorUnits <= cashCeiling.minorUnits else {
            throw .cashAboveCeiling(cashCeiling)
        }
    }

    /// A sale is not paid with more cash by paying it in several parts, nor by asking for it in several.
    package func admitCash(
        _ parts: [(sale: CashSale, amount: Money)], earlier: [CashSale: Money]
    ) throws(CollectingRejection) {
        var taken = earlier
        for part in parts {
            let sum = (taken[part.sale]?.minorUnits ?? 0) + part.amount.minorUnits
            guard sum <= cashCeiling.minorUnits else {
                throw .saleAboveCashCeiling(
                    part.sale, ceiling: cashCeiling, earlier: earlier[part.sale] ?? .zero(cashCeiling.currency))
            }
            taken[part.sale] = Money(sum, cashCeiling.currency)
        }
    }
}

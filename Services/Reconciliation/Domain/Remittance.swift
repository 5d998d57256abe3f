package import PaymentModel

/// Money of a till that was brought to the bank with a slip: cheques, cash, a batch of cards (REC-10).
package struct Remittance: Hashable, Sendable {
    /// One line of the slip: a cheque or card taking, or a number of notes or coins of one value.
    package struct Item: Hashable, Sendable {
        /// The movement of the till it is; nothing for cash.
        package let movement: TillMovementID?
        package let value: Money
        package let pieces: Int

        package init(movement: TillMovementID?, value: Money, pieces: Int) {
            self.movement = movement
            self.value = value
            self.pieces = pieces
        }
    }

    package enum Rejection: Error, Hashable, Sendable {
        /// What it comes to is nothing, or cash of nothing or less.
        case nothing
        case severalCurrencies
        /// There is not so much cash in the till.
        case notSoMuchCash(has: Money)
        case money(MoneyError)
    }

    package let items: [Item]
    package let amount: Money

    /// A slip for what waits at the till; what a bank gave back is taken off and may leave a sum below nothing.
    package init(of items: [Item]) throws(Rejection) {
        guard let currency = items.first?.value.currency else { throw .nothing }
        guard items.allSatisfy({ $0.value.currency == currency }) else { throw .severalCurrencies }
        var sum = Money.zero(currency)
        do {
            for item in items { sum = try sum.adding(item.value.multiplied(by: Int64(item.pieces))) }
        } catch {
            throw .money(error)
        }
        guard !sum.isZero else { throw .nothing }
        self.items = items
        amount = sum
    }

    /// A slip for cash, of which there is so much in the till.
    package init(ofCash items: [Item], from cash: Money) throws(Rejection) {
        try self.init(of: items)
        guard amount.isPositive else { throw .nothing }
        let isMore: Bool
        do {
            isMore = try cash.isLess(than: amount)
        } catch {
            throw .money(error)
        }
        guard !isMore else { throw .notSoMuchCash(has: cash) }
    }
}

/// Money that came into a till, or was taken back from it.
package struct TillMovementID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// A slip of money for the bank.
package struct RemittanceID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

package import PaymentModel

/// Where every cent of an invoice is: taken off it, at the bank, or left by its name (REC-5).
///
/// What it bills is credited, written off, at the bank and what remains, together and to the cent.
package struct InvoiceAccount: Hashable, Sendable {
    /// What invoicing tells of it.
    package struct Standing: Hashable, Sendable {
        package let total: Money
        package let credited: Money
        package let writtenOff: Money
        package let due: Money
        /// Of what was paid: the client's credit again, since a credit note took the price off.
        package let freed: Money
        /// Of what was paid: given back with its price.
        package let refunded: Money

        package init(
            total: Money, credited: Money, writtenOff: Money, due: Money, freed: Money, refunded: Money
        ) {
            self.total = total
            self.credited = credited
            self.writtenOff = writtenOff
            self.due = due
            self.freed = freed
            self.refunded = refunded
        }
    }

    /// How money came.
    package enum Way: String, Hashable, Sendable, CaseIterable {
        case online, cash, cheque, card, transfer
        case directDebit = "direct-debit"
        case other

        package init(_ tender: Tender) {
            self =
                switch tender {
                case .cash: .cash
                case .cheque: .cheque
                case .card: .card
                case .transfer: .transfer
                case .directDebit: .directDebit
                case .other: .other
                }
        }
    }

    /// A part of some money.
    package struct Part: Hashable, Sendable {
        package let whereabouts: Whereabouts
        package let amount: Money

        package init(_ whereabouts: Whereabouts, _ amount: Money) {
            self.whereabouts = whereabouts
            self.amount = amount
        }
    }

    /// Money that was counted for it.
    package struct Counted: Hashable, Sendable {
        package let way: Way
        /// Less what was taken back.
        package let amount: Money
        /// Where it is; what they leave is not traced.
        package let parts: [Part]
        /// What its provider gave back to the client.
        package let refunded: Money
        /// What was lost of it in disputes, which makes the invoice due again.
        package let lost: Money

        package init(_ way: Way, _ amount: Money, parts: [Part], refunded: Money? = nil, lost: Money? = nil) {
            self.way = way
            self.amount = amount
            self.parts = parts
            self.refunded = refunded ?? .zero(amount.currency)
            self.lost = lost ?? .zero(amount.currency)
        }
    }

    /// What one way brought that is still counted.
    package struct Paid: Hashable, Sendable {
        package let way: Way
        package let amount: Money
    }

    package let standing: Standing
    /// Of what was paid: lost in disputes.
    package let chargedBack: Money
    package let paid: [Paid]
    package let atTheBank: Money
    /// What is neither taken off it nor at the bank, by name.
    package let open: [Part]
    /// The sum of what is open.
    package let remainder: Money

    /// From what was counted for it, oldest first, and what was paid online and is not counted.
    package init(_ standing: Standing, counted: [Counted], held: Money) throws(MoneyError) {
        let (total, due) = (standing.total, standing.due)
        let settled = try total.subtracting(standing.credited).subtracting(standing.writtenOff).subtracting(due)
        let left = try Left(standing, counted, settled: settled)
        var places: [Whereabouts: Money] = [:]
        for (money, amount) in zip(counted, left.amounts) {
            for part in try Self.place(amount, of: money) {
                places[part.whereabouts] = try (places[part.whereabouts] ?? .zero(total.currency)).adding(part.amount)
            }
        }
        let waiting = Money(max(0, min(held.minorUnits, due.minorUnits)), total.currency)
        places[.held] = waiting
        places[.open] = try due.subtracting(waiting)
        places[.unexplained] = try settled.subtracting(Money.sum(left.amounts, in: total.currency))
        self.standing = standing
        chargedBack = left.chargedBack
        paid = try Self.sums(counted, left.amounts)
        atTheBank = places[.bank] ?? .zero(total.currency)
        open = Whereabouts.allCases.filter { $0 != .bank }.compactMap { place in
            places[place].flatMap { $0.isZero ? nil : Part(place, $0) }
        }
        remainder = try Money.sum(open.map(\.amount), in: total.currency)
    }

    /// What is left of each money after what was freed, given back and lost.
    private struct Left {
        var amounts: [Money]
        let chargedBack: Money

        init(_ standing: Standing, _ counted: [Counted], settled: Money) throws(MoneyError) {
            let currency = standing.total.currency
            amounts = counted.map(\.amount)
            // Invoicing tells no sum of what disputes took: it is what is counted no more without another reason.
            let gone = try Money.sum(amounts, in: currency).subtracting(standing.freed)
                .subtracting(standing.refunded).subtracting(settled)
            let lost = try Money.sum(counted.map(\.lost), in: currency)
            chargedBack = Money(max(0, min(gone.minorUnits, lost.minorUnits)), currency)
            var givenBack = try standing.refunded.adding(chargedBack)
            var limits: [Money] = []
            for money in counted { limits.append(try money.refunded.adding(money.lost)) }
            try take(&givenBack, upTo: limits)
            try take(&givenBack, upTo: amounts)
            var freed = standing.freed
            try take(&freed, upTo: amounts)
        }

        /// From the newest first, as invoicing does.
        private mutating func take(_ amount: inout Money, upTo limits: [Money]) throws(MoneyError) {
            for index in amounts.indices.reversed() {
                let most = min(amount.minorUnits, amounts[index].minorUnits, limits[index].minorUnits)
                let part = Money(max(0, most), amount.currency)
                amounts[index] = try amounts[index].subtracting(part)
                amount = try amount.subtracting(part)
            }
        }
    }

    /// Where so much of some money is.
    private static func place(_ amount: Money, of money: Counted) throws(MoneyError) -> [Part] {
        var (parts, left) = ([Part](), amount)
        for part in money.parts {
            let placed = Money(max(0, min(left.minorUnits, part.amount.minorUnits)), amount.currency)
            parts.append(Part(part.whereabouts, placed))
            left = try left.subtracting(placed)
        }
        return parts + [Part(.notTraced, left)]
    }

    private static func sums(_ counted: [Counted], _ amounts: [Money]) throws(MoneyError) -> [Paid] {
        var sums: [Way: Money] = [:]
        for (money, amount) in zip(counted, amounts) {
            sums[money.way] = try (sums[money.way] ?? .zero(amount.currency)).adding(amount)
        }
        return Way.allCases.compactMap { way in
            sums[way].flatMap { $0.isZero ? nil : Paid(way: way, amount: $0) }
        }
    }
}

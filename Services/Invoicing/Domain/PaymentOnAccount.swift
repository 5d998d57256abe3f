package import PaymentModel

/// Money received from a client (INV-9).
///
/// amount = allocated + unallocated + refunded + charged back + reversed + archived, always.
package struct PaymentOnAccount: Hashable, Sendable {
    package let id: PaymentOnAccountID
    package let client: ClientID
    package let clinic: ClinicID?
    /// Code of the method, as the organisation calls it.
    package let method: String
    /// The online payment it is, when it came that way.
    package let payment: PaymentID?
    package let amount: Money
    package let receivedOn: LocalDate
    /// What was noted at the till; nil for money that came online.
    package let till: TillNote?
    /// The clinic's own gap-free number of the receipt (reçu), for money taken at its till.
    package private(set) var receiptNumber: String?
    package private(set) var allocations: [Allocation]
    /// The client's credit out of this payment.
    package private(set) var unallocated: Money
    package private(set) var refunded: Money
    /// Taken back by its provider after a dispute that the clinic lost.
    package private(set) var chargedBack: Money
    package private(set) var reversal: Reversal?
    /// Credit that follows nothing any more and is in no balance (INV-12).
    package private(set) var archived: Archived?
    /// When something of it last became credit again: what a credit note freed, or a refund that came back.
    package private(set) var freedOn: LocalDate?

    /// Why and when money turned out not to have been received.
    package struct Reversal: Hashable, Sendable {
        package let amount: Money
        package let on: LocalDate
        package let reason: ReversalReason

        package init(amount: Money, on: LocalDate, reason: ReversalReason) {
            self.amount = amount
            self.on = on
            self.reason = reason
        }
    }
}

extension PaymentOnAccount {
    /// What was put away of a payment, when, and why, where somebody said so.
    package struct Archived: Hashable, Sendable {
        package let amount: Money
        package let on: LocalDate
        package let reason: String?

        package init(amount: Money, on: LocalDate, reason: String? = nil) {
            self.amount = amount
            self.on = on
            self.reason = reason
        }
    }
}

/// Why a payment is reversed; nothing is ever deleted.
package enum ReversalReason: String, Hashable, Sendable, CaseIterable {
    case bounced
    case mistake
    case withdrawn
}

/// Why a payment on account refuses.
package enum PaymentRejection: Error, Hashable, Sendable {
    /// Its provider gives it back, or not; that is a refund.
    case isOnline
    case isReversed
    case beforeReceipt(LocalDate)
    /// Of its credit something was not credit before that day.
    case beforeFree(LocalDate)
    /// Something of it was counted on that day.
    case beforeCount(LocalDate)
    /// What it would be counted for is of that day.
    case beforeDebt(LocalDate)
    case nothingLeft
    case isArchived
    case notArchived
    /// It was put away before, until that day.
    case beforeRestoration(LocalDate)
    case notYet(today: LocalDate)
}

/// On what days credit of a payment can move, once some of it was put away.
package struct ArchiveDays: Hashable, Sendable {
    /// When it was last taken out again.
    package let restoredOn: LocalDate?
    /// At its clinic.
    package let today: LocalDate

    package init(restoredOn: LocalDate?, today: LocalDate) {
        self.restoredOn = restoredOn
        self.today = today
    }

    /// Not a day before it was taken out again, on which statements have it put away, nor one to come.
    package func admit(_ day: LocalDate) throws(PaymentRejection) {
        if let restoredOn, day < restoredOn { throw .beforeRestoration(restoredOn) }
        guard day <= today else { throw .notYet(today: today) }
    }
}

// MARK: Making and loading

extension PaymentOnAccount {
    /// Money that just came in, all of it the client's credit.
    package init(
        id: PaymentOnAccountID, client: ClientID, clinic: ClinicID?, method: String, payment: PaymentID? = nil,
        amount: Money, receivedOn: LocalDate, till: TillNote? = nil
    ) {
        self.init(
            id: id, client: client, clinic: clinic, method: method, payment: payment, amount: amount,
            receivedOn: receivedOn, till: till, receiptNumber: nil, allocations: [], unallocated: amount,
            refunded: .zero(amount.currency), chargedBack: .zero(amount.currency), reversal: nil, archived: nil)
    }

    /// What changes in the life of a payment.
    package struct SavedState: Hashable, Sendable {
        package let receiptNumber: String?
        package let allocations: [Allocation]
        package let unallocated: Money
        package let left: Left
        package let reversal: Reversal?
        package let archived: Archived?
        package let freedOn: LocalDate?

        package init(
            receiptNumber: String?, allocations: [Allocation], unallocated: Money, left: Left, reversal: Reversal?,
            archived: Archived?, freedOn: LocalDate?
        ) {
            self.receiptNumber = receiptNumber
            self.allocations = allocations
            self.unallocated = unallocated
            self.left = left
            self.reversal = reversal
            self.archived = archived
            self.freedOn = freedOn
        }
    }

    /// What went away of it again.
    package struct Left: Hashable, Sendable {
        package let refunded: Money
        package let chargedBack: Money

        package init(refunded: Money, chargedBack: Money) {
            self.refunded = refunded
            self.chargedBack = chargedBack
        }
    }

    /// The payment as it was saved.
    package func with(_ saved: SavedState) -> PaymentOnAccount {
        var copy = self
        copy.receiptNumber = saved.receiptNumber
        copy.allocations = saved.allocations
        copy.unallocated = saved.unallocated
        copy.refunded = saved.left.refunded
        copy.chargedBack = saved.left.chargedBack
        copy.reversal = saved.reversal
        copy.archived = saved.archived
        copy.freedOn = saved.freedOn
        return copy
    }
}

// MARK: Moves

extension PaymentOnAccount {
    package var allocated: Int64 { allocations.reduce(0) { $0 + $1.amount.minorUnits } }

    /// Whether the payment equals its parts; asserted before every save.
    package var isBalanced: Bool {
        let parts =
            allocated + unallocated.minorUnits + refunded.minorUnits + chargedBack.minorUnits
            + (reversal?.amount.minorUnits ?? 0) + (archived?.amount.minorUnits ?? 0)
        return parts == amount.minorUnits && !unallocated.isNegative && !refunded.isNegative && !chargedBack.isNegative
            && allocations.allSatisfy { !$0.amount.isNegative }
    }

    /// Gives the receipt its number, once.
    package mutating func number(_ receipt: String) {
        precondition(till != nil && receiptNumber == nil, "payment \(id) needs no receipt, or has one")
        receiptNumber = receipt
    }

    /// Lets its credit move as of a day, or says why it was no credit then.
    package func admitMove(on day: LocalDate) throws(PaymentRejection) {
        guard day >= receivedOn else { throw .beforeReceipt(receivedOn) }
        if let freedOn, day < freedOn { throw .beforeFree(freedOn) }
    }

    /// Spreads what is left of it over debts; answers what each of them got.
    package mutating func allocate(
        over debts: [OpenDebt], as wish: AllocationWish, on day: LocalDate
    ) throws(AllocationRejection) -> [Allocation] {
        let plan = try AllocationPlan(unallocated, over: debts, as: wish)
        for part in plan.allocations { add(Allocation(part.debt, part.amount, on: day)) }
        unallocated = plan.unallocated
        return plan.allocations
    }

    /// Gives a refund back: free credit first; the caller has checked that there is no excess.
    package mutating func giveBack(_ plan: ReversalPlan) {
        refunded = Money(refunded.minorUnits + takeOut(plan), amount.currency)
    }

    /// Lets go what the provider took back: free credit first; the caller has checked that there is no excess.
    package mutating func chargeBack(_ plan: ReversalPlan) {
        chargedBack = Money(chargedBack.minorUnits + takeOut(plan), amount.currency)
    }

    /// A refund came back: the money is the client's credit again.
    package mutating func takeReturned(_ refund: Money, on day: LocalDate) {
        precondition(refund.minorUnits <= refunded.minorUnits, "more came back than went")
        refunded = Money(refunded.minorUnits - refund.minorUnits, amount.currency)
        becomeCredit(refund, on: day)
    }

    private mutating func takeOut(_ plan: ReversalPlan) -> Int64 {
        precondition(plan.excess.isZero && plan.fromCredit.minorUnits <= unallocated.minorUnits, "more than is held")
        unallocated = Money(unallocated.minorUnits - plan.fromCredit.minorUnits, amount.currency)
        var back = plan.fromCredit.minorUnits
        for reversal in plan.reversals {
            back += reversal.amount.minorUnits
            add(Allocation(reversal.debt, Money(-reversal.amount.minorUnits, amount.currency)))
        }
        return back
    }

    /// When something of it was last counted for a debt; as it came, where that was not kept.
    package func countedOn(for debt: Debt) -> LocalDate {
        allocations.first { $0.debt == debt }?.countedOn ?? receivedOn
    }

    /// Takes back what was counted for a debt that was not owed after all; it is the client's credit again.
    ///
    /// Answers how much of `amount` was counted for it.
    package mutating func free(_ amount: Money, from debt: Debt, on day: LocalDate) -> Money {
        let counted = allocations.first { $0.debt == debt }?.amount.minorUnits ?? 0
        let part = Money(min(max(0, amount.minorUnits), counted), self.amount.currency)
        guard part.isPositive else { return part }
        add(Allocation(debt, Money(-part.minorUnits, part.currency)))
        becomeCredit(part, on: day)
        return part
    }

    private mutating func becomeCredit(_ part: Money, on day: LocalDate) {
        unallocated = Money(unallocated.minorUnits + part.minorUnits, amount.currency)
        freedOn = max(freedOn ?? day, day)
    }

    /// Takes the whole payment out of the books again, such as a cheque the bank refused; answers what is owed anew.
    package mutating func reverse(
        because reason: ReversalReason, on day: LocalDate
    ) throws(PaymentRejection) -> [Allocation] {
        guard payment == nil else { throw .isOnline }
        guard reversal == nil else { throw .isReversed }
        guard archived == nil else { throw .isArchived }
        try admitMove(on: day)
        // Also where it was freed since: on the day of the count the money was there.
        if let counted = allocations.compactMap(\.countedOn).max(), day < counted { throw .beforeCount(counted) }
        let taken = allocations.filter(\.amount.isPositive)
        let left = Money(allocated + unallocated.minorUnits, amount.currency)
        guard left.isPositive else { throw .nothingLeft }
        allocations = allocations.map { Allocation($0.debt, .zero(amount.currency), on: $0.countedOn) }
        unallocated = .zero(amount.currency)
        reversal = Reversal(amount: left, on: day, reason: reason)
        return taken
    }

    /// Puts away credit that follows no debt any more: it stays to be seen, and is in no balance.
    package mutating func archive(
        on day: LocalDate, within days: ArchiveDays, because reason: String? = nil
    ) throws(PaymentRejection) {
        guard archived == nil else { throw .isArchived }
        try admitMove(on: day)
        try days.admit(day)
        guard unallocated.isPositive else { throw .nothingLeft }
        archived = Archived(amount: unallocated, on: day, reason: reason)
        unallocated = .zero(amount.currency)
    }

    /// Makes what was put away the client's credit again.
    package mutating func restore() throws(PaymentRejection) -> Money {
        guard let archived else { throw .notArchived }
        unallocated = Money(unallocated.minorUnits + archived.amount.minorUnits, amount.currency)
        self.archived = nil
        return archived.amount
    }

    private mutating func add(_ allocation: Allocation) {
        guard let index = allocations.firstIndex(where: { $0.debt == allocation.debt }) else {
            return allocations.append(allocation)
        }
        let known = allocations[index]
        let sum = Money(known.amount.minorUnits + allocation.amount.minorUnits, amount.currency)
        allocations[index] = Allocation(known.debt, sum, on: allocation.countedOn ?? known.countedOn)
    }
}

import InvoicingDomain
import PaymentModel
import Testing

/// INV-7, INV-9: one payment over several invoices.
@Suite struct `Allocating a payment` {
    @Test func `serves the named invoice first, then the oldest`() {
        let plan = AllocationPlan(
            cents(10_000),
            over: [open(1, 4_000, daysLate: 1), open(2, 4_000, daysLate: 9), open(3, 4_000, daysLate: 5)],
            first: .invoice(InvoiceID(1)))
        #expect(
            plan.allocations == [
                Allocation(InvoiceID(1), cents(4_000)), Allocation(InvoiceID(2), cents(4_000)),
                Allocation(InvoiceID(3), cents(2_000)),
            ])
        #expect(plan.unallocated == cents(0))
    }

    @Test func `keeps a surplus as credit`() {
        let plan = AllocationPlan(cents(10_000), over: [open(1, 4_000, daysLate: 0)], first: nil)
        #expect(plan.unallocated == cents(6_000))
    }

    @Test func `never gives an invoice more than is due, nor in all more than was paid`() {
        holds { random in
            let invoices = (0..<random.number(0...8)).map { number in
                open(UInt128(number), random.number(-5...5_000), daysLate: number % 3)
            }
            let paid = cents(random.number(0...20_000))
            let plan = AllocationPlan(paid, over: invoices, first: .invoice(InvoiceID(3)))
            let allocated = plan.allocations.reduce(0) { $0 + $1.amount.minorUnits }
            let withinDue = plan.allocations.allSatisfy { allocation in
                invoices.contains { $0.debt == allocation.debt && allocation.amount.minorUnits <= $0.due.minorUnits }
            }
            return allocated + plan.unallocated.minorUnits == paid.minorUnits && withinDue
                && plan.allocations.allSatisfy { $0.amount.isPositive }
        }
    }

    @Test func `passes over invoices in another currency`() throws {
        let dollar = try #require(Currency("USD"))
        let invoice = OpenDebt(.invoice(InvoiceID(1)), due: Money(100, dollar), dueOn: day)
        #expect(AllocationPlan(cents(100), over: [invoice], first: nil).allocations.isEmpty)
    }

    @Test func `serves the debts that were told, in their order, and keeps the rest as credit`() throws {
        let debts = [
            open(1, 4_000, daysLate: 1), OpenDebt(.receivable(ReceivableID(2)), due: cents(2_000), dueOn: day),
            open(3, 500, daysLate: 9),
        ]
        let plan = try AllocationPlan(
            cents(10_000), over: debts,
            as: .told([
                ToldAllocation(.receivable(ReceivableID(2))),
                ToldAllocation(.invoice(InvoiceID(1)), amount: cents(700)),
            ]))
        #expect(
            plan.allocations == [
                Allocation(.receivable(ReceivableID(2)), cents(2_000)), Allocation(InvoiceID(1), cents(700)),
            ])
        #expect(plan.unallocated == cents(7_300))
    }

    @Test func `refuses what was told wrong, and says which debt`() throws {
        let debts = [open(1, 4_000, daysLate: 1), open(2, 100, daysLate: 0)]
        let (one, two, three) = (Debt.invoice(InvoiceID(1)), Debt.invoice(InvoiceID(2)), Debt.invoice(InvoiceID(3)))
        let wrong: [([ToldAllocation], AllocationRejection)] = [
            ([ToldAllocation(three)], .notOwed(three)),
            ([ToldAllocation(one, amount: cents(1)), ToldAllocation(one)], .toldTwice(one)),
            ([ToldAllocation(one, amount: cents(0))], .notPositive(one)),
            ([ToldAllocation(one, amount: cents(4_001))], .moreThanDue(one, due: cents(4_000))),
            ([ToldAllocation(one), ToldAllocation(two)], .moreThanLeft(two, left: cents(0))),
            ([ToldAllocation(one, amount: cents(3_500))], .moreThanLeft(one, left: cents(3_000))),
        ]
        for (told, rejection) in wrong {
            #expect(throws: rejection) { try AllocationPlan(cents(3_000), over: debts, as: .told(told)) }
        }
    }

    private func open(_ id: UInt128, _ due: Int64, daysLate: Int) -> OpenDebt {
        OpenDebt(.invoice(InvoiceID(id)), due: cents(due), dueOn: day.adding(days: -daysLate))
    }
}

/// PAY-10 as the books see it: money that goes back is taken from where it was counted.
@Suite struct `Reversing a refunded payment` {
    @Test func `takes free credit first, then the newest allocation`() {
        let plan = ReversalPlan(
            cents(700), credit: cents(200),
            allocations: [Allocation(InvoiceID(1), cents(400)), Allocation(InvoiceID(2), cents(300))])
        #expect(plan.fromCredit == cents(200))
        #expect(plan.reversals == [Allocation(InvoiceID(2), cents(300)), Allocation(InvoiceID(1), cents(200))])
        #expect(plan.excess == cents(0))
    }

    @Test func `names what it cannot find`() {
        let plan = ReversalPlan(cents(700), credit: cents(0), allocations: [Allocation(InvoiceID(1), cents(400))])
        #expect(plan.excess == cents(300))
    }
}

/// INV-10: the account of a client over a period.
@Suite struct `A statement` {
    @Test func `closes at opening plus movements`() throws {
        let statement = try Statement(
            opening: cents(1_000),
            movements: [
                AccountMovement(.invoice, on: day, reference: "F-1", amount: cents(12_000)),
                AccountMovement(.payment, on: day, reference: "P-1", amount: cents(-12_000)),
            ])
        #expect(statement.closing == cents(1_000))
    }
}

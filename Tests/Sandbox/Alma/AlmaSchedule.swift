/// One line of the client's schedule.
struct AlmaInstalment: Sendable, Equatable {
    enum State: String, Sendable, CaseIterable {
        case pending, paid
        /// The charge failed.
        case incident
        /// The provider carries the loss; the merchant keeps the money.
        case covered
    }

    var state: State
    var dueAt: Int64
    var paidAt: Int64?
    var purchaseAmount: Int64
    let originalPurchaseAmount: Int64
    var customerFee: Int64

    var total: Int64 { purchaseAmount + customerFee }

    var json: JSON {
        [
            "state": .text(state.rawValue), "due_date": .integer(dueAt), "date_paid": .optional(paidAt),
            "purchase_amount": .integer(purchaseAmount), "original_purchase_amount": .integer(originalPurchaseAmount),
            "customer_fee": .integer(customerFee), "customer_interest": 0, "total_amount": .integer(total),
            "is_check": false,
        ]
    }

    /// As an eligibility answer shows it, before anything exists.
    var offerJSON: JSON {
        [
            "due_date": .integer(dueAt), "purchase_amount": .integer(purchaseAmount),
            "customer_fee": .integer(customerFee), "customer_interest": 0, "total_amount": .integer(total),
        ]
    }
}

/// What a purchase costs and when it is paid, for one plan.
struct AlmaTerms: Sendable {
    static let vatBasisPoints: Int64 = 20_00

    let schedule: [AlmaInstalment]
    let customerFee: Int64
    let merchantFeeExcludingTax: Int64
    let merchantFeeTax: Int64

    var merchantFee: Int64 { merchantFeeExcludingTax + merchantFeeTax }

    /// The customer's fee sits on the first instalment; absorbed, it becomes a fee of the merchant and bears VAT.
    init(_ plan: AlmaFeePlan, amount: Int64, from start: Int64, merchantCoversAll: Bool) {
        let customerShare = Cents.share(of: amount, basisPoints: plan.customerFeeVariable)
        let merchantShare = Cents.share(of: amount, basisPoints: plan.merchantFeeVariable) + plan.merchantFeeFixed
        customerFee = merchantCoversAll ? 0 : customerShare
        merchantFeeExcludingTax = merchantCoversAll ? merchantShare + customerShare : merchantShare
        merchantFeeTax = Cents.share(of: merchantFeeExcludingTax, basisPoints: Self.vatBasisPoints)
        let fee = customerFee
        schedule = Cents.split(amount, into: Int(plan.instalments)).enumerated().map { index, part in
            AlmaInstalment(
                state: .pending, dueAt: Self.dueAt(plan, index: Int64(index), from: start), purchaseAmount: part,
                originalPurchaseAmount: part, customerFee: index == 0 ? fee : 0)
        }
    }

    private static func dueAt(_ plan: AlmaFeePlan, index: Int64, from start: Int64) -> Int64 {
        let day = CivilDate(unixSeconds: start)
        let due = day.adding(days: plan.deferredDays).adding(months: plan.deferredMonths + index)
        return start - day.unixSeconds + due.unixSeconds
    }
}

import PaymentModel
import PaymentOrchestratorDomain

extension AlmaResponse.Payment {
    /// Alma's states in our words; one that is not listed here is pending.
    ///
    /// Money is secured once the first instalment was charged (`in_progress`) or nothing is left to pay (`paid`).
    /// The states of a client who is late come after that: the clinic is paid all the same.
    var status: ProviderReport.Status {
        switch state {
        case "in_progress", "paid": return .paid
        case "scored_no": return .refused("declined by the provider")
        case "late_dunning", "late_contact_customer", "default", "stopped", "collection_done":
            // Nobody is late with what is due weeks after the agreement who has not agreed.
            if firstInstalmentPaid != nil || isDeferred { return .paid }
        default: break
        }
        switch (processing_status, cancelation_reason) {
        case ("captured", _): return .paid
        case ("canceled", "expired"), ("canceled", "authorization_expired"): return .expired
        case ("canceled", _): return .cancelled
        default: return expired_at == nil ? .pending : .expired
        }
    }

    private var isDeferred: Bool { (deferred_days ?? 0) + (deferred_months ?? 0) > 0 }

    /// When the first instalment was charged.
    var firstInstalmentPaid: Instant? {
        (payment_plan ?? []).filter(\.isInstalment).compactMap(\.date_paid).min().map(Instant.init(secondsSince1970:))
    }

    func report(_ localDate: (Instant) -> LocalDate) -> ProviderReport {
        var report = ProviderReport(
            reference: id, attempt: custom_data?.quittance_attempt.flatMap(AttemptID.init), status: status,
            amount: purchase_amount.amount, payURL: url, acceptedAt: firstInstalmentPaid,
            schedule: (payment_plan ?? []).schedule(localDate),
            fee: fees?.merchant.map {
                ProviderFee(net: $0.total_excluding_tax.amount, vat: $0.tax.amount)
            },
            refunds: (refunds ?? []).map(\.reported),
            instalments: (payment_plan ?? []).progress(localDate))
        report.refundedInAll = amount_already_refunded?.amount
        // A contradiction that is not passed on would stay unknown for ever.
        if status == .paid, let sum = scheduledSum, sum != purchase_amount.amount { report.otherAmount = sum }
        return report
    }

    /// What the client owes of the purchase by the schedule, fees aside, as long as no refund has changed it.
    private var scheduledSum: Money? {
        guard (refunds ?? []).isEmpty, amount_already_refunded?.amount.isPositive != true else { return nil }
        return payment_plan?.purchaseSum
    }
}

extension AlmaResponse.Refund {
    var reported: ReportedRefund {
        ReportedRefund(
            id: merchant_reference.flatMap(RefundID.init), reference: id, amount: amount.amount,
            madeAt: created.map(Instant.init(secondsSince1970:)))
    }
}

extension PaymentPlan {
    /// Alma counts deferrals in days or months; a month is 30 days in its own plan keys.
    fileprivate init?(instalments: Int, days: Int?, months: Int?) {
        let (days, months) = (days ?? 0, months ?? 0)
        guard (0...366).contains(days), (0...12).contains(months) else { return nil }
        self.init(instalments: instalments, deferredDays: days + 30 * months)
    }
}

extension AlmaResponse.FeePlan {
    var plan: PaymentPlan? {
        PaymentPlan(instalments: installments_count, days: deferred_days, months: deferred_months)
    }

    /// The terms, when the plan may be used by us: those that wait for a trigger or need a terminal may not.
    var terms: PlanTerms? {
        guard allowed != false, kind ?? "general" == "general", let plan else { return nil }
        return PlanTerms(
            plan: plan, minimum: min_purchase_amount.amount, maximum: max_purchase_amount.amount,
            clinicRate: merchant_fee_variable?.share ?? BasisPoints(0),
            clinicFixed: merchant_fee_fixed?.amount ?? .zero(.eur),
            customerRate: customer_fee_variable?.share ?? BasisPoints(0))
    }
}

extension AlmaResponse.Eligibility {
    var plan: PaymentPlan? {
        PaymentPlan(instalments: installments_count, days: deferred_days, months: deferred_months)
    }

    func verdict(
        for question: EligibilityQuestion, plan: PaymentPlan, _ localDate: (Instant) -> LocalDate
    ) throws(MoneyError) -> PlanOffer.Verdict {
        guard eligible else { return .notEligible(reason(question)) }
        let schedule = (payment_plan ?? []).schedule(localDate)
        // Nobody can agree to a plan that is not told.
        guard !schedule.isEmpty else { return .notEligible(.notReached) }
        let fee = try Money.sum(schedule.map(\.customerFee), in: question.amount.currency)
        let clinicFee = try question.contract?.terms(of: plan)?.expectedFee(
            on: question.amount, feeOffered: question.feeOffered, vatRate: question.feeVATRate)
        return .eligible(schedule: schedule, customerFee: fee, clinicFee: clinicFee)
    }

    /// Whether what may be offered is about the amount asked about, with a schedule and a cost that say the same.
    func addsUp(to amount: Money) -> Bool {
        guard eligible else { return true }
        let plan = payment_plan ?? []
        return purchase_amount?.amount == amount && plan.purchaseSum ?? amount == amount
            && customer_total_cost_amount?.amount ?? plan.customerCost == plan.customerCost
    }

    private func reason(_ question: EligibilityQuestion) -> PlanOffer.Reason {
        let bounds = constraints?.purchase_amount
        if let minimum = bounds?.minimum?.amount, question.amount.minorUnits < minimum.minorUnits {
            return .underMinimum(minimum)
        }
        if let maximum = bounds?.maximum?.amount, question.amount.minorUnits > maximum.minorUnits {
            return .overMaximum(maximum)
        }
        let reasons = reasons ?? [:]
        // Alma names the part of the plan that the contract has not got.
        guard !reasons.isEmpty, reasons.keys.allSatisfy({ !Self.partsOfAPlan.contains($0) }) else {
            return .notInContract
        }
        let told = reasons.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return .other(Sentence(told.joined(separator: ", ")))
    }

    private static let partsOfAPlan: Set = ["installments_count", "deferred_days", "deferred_months"]
}

// Totals for invariant checks: what the outside world believes, to be compared with what the system believes.
extension WorldState {
    var summary: JSON {
        ["now": .integer(clock.now), "alma": almaSummary, "sms": smsSummary, "bank": bankSummary, "calls": callCounts]
    }

    private var callCounts: JSON {
        let names = faults.calls.keys.sorted()
        return .object(names.map { JSON.Member(key: $0, value: .count(faults.calls[$0] ?? 0)) })
    }

    private var almaSummary: JSON {
        var totals = AlmaTotals()
        for payment in alma.payments.values { totals.add(payment) }
        var json = totals.json
        json.set("paidOut", to: .integer(alma.ledger.payouts.reduce(0) { $0 + $1.amount }))
        json.set("payouts", to: .count(alma.ledger.payouts.count))
        let merchants = alma.accounts.keys.sorted().map { id -> JSON.Member in
            var own = AlmaTotals()
            for payment in alma.payments(of: id) { own.add(payment) }
            return JSON.Member(key: id, value: own.json)
        }
        json.set("merchants", to: .object(merchants))
        return json
    }

    private var smsSummary: JSON {
        var counts: [String: Int] = [:]
        for message in sms.messages where !message.reference.isEmpty { counts[message.reference, default: 0] += 1 }
        return [
            "messages": .count(sms.messages.count), "parts": .count(sms.messages.reduce(0) { $0 + $1.parts }),
            "references": .count(counts.count), "sentMoreThanOnce": .count(counts.values.filter { $0 > 1 }.count),
        ]
    }

    private var bankSummary: JSON {
        .list(
            bank.accounts.values.sorted { $0.iban < $1.iban }.map { account in
                [
                    "iban": .text(account.iban), "balance": .integer(account.balance),
                    "statements": .count(account.statements.count), "waiting": .count(account.waiting.count),
                ]
            })
    }
}

/// Sums over payments; what is refunded is part of what was accepted.
private struct AlmaTotals {
    var states: [AlmaPayment.State: Int] = [:]
    var expired = 0
    var canceled = 0
    var accepted = 0
    var acceptedAmount: Int64 = 0
    var refunded: Int64 = 0
    var feesExcludingTax: Int64 = 0
    var feesTax: Int64 = 0
    var customerFees: Int64 = 0
    var references: [String: Int] = [:]

    mutating func add(_ payment: AlmaPayment) {
        states[payment.state, default: 0] += 1
        if payment.expiredAt != nil { expired += 1 } else if payment.processing == .canceled { canceled += 1 }
        guard payment.isAccepted else { return }
        accepted += 1
        if let reference = payment.details.orders.first?["merchant_reference"]?.asText {
            references[reference, default: 0] += 1
        }
        acceptedAmount += payment.amount
        refunded += payment.refunded
        feesExcludingTax += payment.terms.merchantFeeExcludingTax
        feesTax += payment.terms.merchantFeeTax
        customerFees += payment.terms.customerFee
    }

    var json: JSON {
        let byState = AlmaPayment.State.allCases.map {
            JSON.Member(key: $0.rawValue, value: .count(states[$0] ?? 0))
        }
        return [
            "payments": .count(states.values.reduce(0, +)), "states": .object(byState), "expired": .count(expired),
            "canceled": .count(canceled), "accepted": .count(accepted), "acceptedAmount": .integer(acceptedAmount),
            "refundedAmount": .integer(refunded), "feesExcludingTax": .integer(feesExcludingTax),
            "feesTax": .integer(feesTax), "fees": .integer(feesExcludingTax + feesTax),
            "customerFees": .integer(customerFees),
            "acceptedMoreThanOnce": .count(references.values.filter { $0 > 1 }.count),
            "net": .integer(acceptedAmount - refunded - feesExcludingTax - feesTax),
        ]
    }
}

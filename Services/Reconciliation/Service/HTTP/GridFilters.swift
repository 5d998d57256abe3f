import HTTPServer
import PaymentModel
import ReconciliationDomain

extension GridStore.Period {
    init(_ fields: Fields) {
        let (from, to) = fields.period()
        self.init(from: from, to: to)
    }
}

extension GridSelection {
    /// What of a grid is asked for: the parameters of its list, each of which may be left out.
    init(_ grid: Grid, of period: GridStore.Period, _ fields: Fields) {
        switch grid {
        case .fees: self = .fees(FeeFilter(of: period, fields))
        case .payouts: self = .payouts(PayoutFilter(from: period.from, to: period.to, fields))
        case .discrepancies:
            self = .discrepancies(DiscrepancyFilter(fields, isClosed: fields.optionalBoolean("closed")), period)
        case .entries: self = .entries(EntryFilter(of: period, fields))
        case .bankLines: self = .bankLines(BankLineFilter(from: period.from, to: period.to, fields))
        case .takings:
            self = .takings(
                TillGridFilter(
                    period: period, clinic: fields.optionalID("clinicID"),
                    tender: fields.optionalEnumeration("kind"), isWaiting: fields.optionalBoolean("waiting")))
        case .cashUps: self = .cashUps(TillGridFilter(period: period, clinic: fields.optionalID("clinicID")))
        case .remittances: self = .remittances(period)
        case .statistics:
            self = .statistics(StatisticFilter(of: period, fields, by: fields.optionalEnumeration("by") ?? .month))
        case .vatReceipts: self = .vatReceipts(period)
        case .expectedPayouts: self = .expectedPayouts(period, fields.optionalEnumeration("provider"))
        case .baskets: self = .baskets(StatisticFilter(of: period, fields, by: .day))
        case .accountSums: self = .accountSums(period)
        case .heldDifferences: self = .heldDifferences(period, isCleared: fields.optionalBoolean("cleared"))
        case .clearings: self = .clearings(period)
        }
    }
}

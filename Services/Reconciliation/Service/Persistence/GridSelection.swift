import PaymentModel

/// A grid with which of its rows are asked for: those of a period that its list would show (REC-7).
enum GridSelection: Sendable {
    case fees(FeeFilter)
    case payouts(PayoutFilter)
    /// The days on which they were opened.
    case discrepancies(DiscrepancyFilter, GridStore.Period)
    case entries(EntryFilter)
    case bankLines(BankLineFilter)
    case takings(TillGridFilter)
    case cashUps(TillGridFilter)
    case remittances(GridStore.Period)
    case statistics(StatisticFilter)
    case vatReceipts(GridStore.Period)
    case expectedPayouts(GridStore.Period, Provider?)
    case baskets(StatisticFilter)
    case accountSums(GridStore.Period)
    /// The days on which they were put on account 471.
    case heldDifferences(GridStore.Period, isCleared: Bool?)
    case clearings(GridStore.Period)
}

import Testing

/// The contract's files before validators that are not ours.
@Suite struct ContractFileTests {
    @Test func `schemas, samples, AsyncAPI document and subscriber pass independent validators (EVT-1, EVT-6)`() throws
    {
        let check = try Command.run(["python3", "deploy/contract/check.py"])
        #expect(check.status == 0, "\(check.output.suffix(4_000))\(check.errors.suffix(2_000))")
        #expect(check.output.contains("0 problems"))
    }
}

namespace FedRec.Core.Evaluation;

/// <summary>What clients and silos report of an evaluation: whole numbers that are added up, exact in any grouping and order.</summary>
public interface IEvaluationSums
{
    /// <summary>Adds sums that travelled as <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are sums of something else.</exception>
    void Add(ReadOnlySpan<byte> bytes);

    /// <summary>The numbers as bytes; what is zero takes no space.</summary>
    byte[] ToBytes();
}

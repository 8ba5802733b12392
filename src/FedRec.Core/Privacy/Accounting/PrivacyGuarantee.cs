namespace FedRec.Core.Privacy.Accounting;

/// <summary>What is promised to each user: whoever sees what was released tells with user and without apart by a factor of e^ε at most, but for a chance of δ.</summary>
/// <param name="Epsilon">ε, at least 0; infinite where nothing is promised.</param>
/// <param name="Delta">δ, in (0, 1).</param>
/// <param name="How">The way in which ε was found, in a few words.</param>
/// <remarks>Dwork and Roth 2014, Definition 2.4, for data sets that differ in one user who is added or removed.</remarks>
public sealed record PrivacyGuarantee(double Epsilon, double Delta, string How);

/// <summary>Finds an ε that holds for all of some releases together; never below the true one.</summary>
/// <param name="events">What was released, in any order.</param>
/// <param name="delta">δ, in (0, 1).</param>
public delegate PrivacyGuarantee PrivacyAccountant(IReadOnlyList<PrivacyEvent> events, double delta);

internal static class PrivacyArguments
{
    /// <summary>Refuses a δ that promises nothing, or that no noise can keep.</summary>
    public static void RequireDelta(double delta)
    {
        if (!(delta > 0 && delta < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "Delta must lie between 0 and 1; well below one divided by the number of users.");
        }
    }

    public static void RequireEpsilon(double epsilon)
    {
        if (!(epsilon >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Epsilon must be at least 0.");
        }
    }
}

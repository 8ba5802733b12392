namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The model's bytes do not depend on the vector instructions that the CPU offers, so silos on different machines come to one model.</summary>
/// <remarks>From the fewest that .NET asks of an x64 CPU; without any, its exponential function is another one. Networks on torch are not in it: torch's
/// kernels add up in another order with wider vectors.</remarks>
[Collection(EndToEndCollection.Name)]
public sealed class VectorInstructionTests
{
    [Theory]
    [InlineData("least-squares")]
    [InlineData("logistic")]
    public async Task Simulate_WithFewerVectorInstructions_ComesToTheSameModel(string objective)
    {
        var models = new List<string?>();
        foreach (var without in (string[])["", "DOTNET_EnableAVX512", "DOTNET_EnableAVX"])
        {
            await using var home = new FedRecHome();
            if (without.Length > 0)
            {
                home.Environment[without] = "0";
            }

            var run = await home.RunAsync("simulate", "--clients", "60", "--items", "50", "--objective", objective, "--rounds", "4", "--storage", "memory", "--recs", "0", "--baselines", "none", "--format", "json");
            models.Add(run.Json.GetProperty("model").GetProperty("sha256").GetString());
        }

        Assert.NotNull(models[0]);
        Assert.All(models, model => Assert.Equal(models[0], model));
    }
}
